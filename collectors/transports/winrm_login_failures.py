"""Why a login over WinRM was refused, with what to look at: credentials, policy, clocks, tickets."""

import re

from collectors.transports.winrm_faults import Told
from collectors.transports.winrm_journey import Stage, WinrmJourney
from collectors.transports.winrm_wire import KeysStale
from fleet.failures import FailureKind
from fleet.hostile import clean
from fleet.winrm import WinrmKind

_SKEW = re.compile(r"KRB_AP_ERR_SKEW|clock skew", re.IGNORECASE)
_SET_CLOCK = "Set the clocks of this machine and of that one right (w32tm /resync there): Kerberos allows five minutes."
_NO_TICKET = re.compile(r"no credentials|credentials cache|no kerberos credentials|ticket expired", re.IGNORECASE)
_NO_SERVICE = re.compile(r"server not found in kerberos database", re.IGNORECASE)
_NO_KDC = re.compile(r"cannot (contact any|find) kdc|cannot resolve", re.IGNORECASE)
_TAMPERED = frozenset({"BadMICError", "OutOfSequenceError", "BadIntegrityError"})
_LOGIN_WORDS = "the login was refused: wrong credentials, or a policy"
_QUOTED_CHARACTERS = 200


def tell_refused(error: Exception, journey: WinrmJourney) -> Told:
    """What is told where WinRM answered 401; ``error`` may name the answer that said so."""
    said = _body_of(error)
    if _SKEW.search(said) or _SKEW.search(journey.methods_offered):
        return _tell_skew(said)
    target = journey.target
    offered = _methods(journey.methods_offered)
    named = f"; it takes: {', '.join(offered)}" if offered else ""
    user = f" as {target.user}" if target.user else ""
    came_back = f"{_LOGIN_WORDS} ({target.kind}{user}{named})."
    return FailureKind.LOGIN_REFUSED, came_back, _remedy(journey, offered)


def find_login_trouble(error: BaseException, journey: WinrmJourney) -> Told | None:
    """What ``error``, raised by what logs in and seals, stands for; None where it is of another kind."""
    module = type(error).__module__
    name = type(error).__name__
    if name in _TAMPERED:
        came_back = "the signature of an answer is wrong: it was changed on its way, or is not from the same machine."
        return FailureKind.NOT_WINRM, came_back, "Use HTTPS, and look at what stands between."
    if name == "PermissionError" and "NTLM" in str(error):
        return tell_refused(Exception(), journey)
    if "kerberos" in module.lower() or name in ("GSSError", "KrbError", "KerberosExchangeError"):
        return _tell_kerberos(str(error))
    if module.startswith(("spnego", "requests_credssp", "requests_ntlm")):
        came_back = f"the login by {journey.target.kind} did not come about: {clean(str(error), _QUOTED_CHARACTERS)}"
        return FailureKind.LOGIN_REFUSED, came_back, _remedy(journey, _methods(journey.methods_offered))
    if isinstance(error, KeyError) and journey.stage < Stage.SESSION and error.args == ("www-authenticate",):
        if not journey.last_answer.startswith("HTTP 401"):
            words = f"what answered to the login is not WinRM: {journey.last_answer}"
            return FailureKind.NOT_WINRM, words, "Check the address and the port: something answers in its place."
        came_back = f"it does not go on with a login by {journey.target.kind}."
        return FailureKind.LOGIN_REFUSED, came_back, _remedy(journey, _methods(journey.methods_offered))
    return None


def _tell_kerberos(text: str) -> Told:
    said = clean(text, _QUOTED_CHARACTERS)
    if _SKEW.search(text):
        return _tell_skew(said)
    came_back = f"Kerberos gave no login: {said}"
    if _NO_TICKET.search(text):
        return FailureKind.LOGIN_REFUSED, came_back, "Get a ticket as the user who runs Patchdeck: kinit user@REALM."
    if _NO_SERVICE.search(text):
        remedy = "Reach the machine by the full name that its domain knows (HTTP/NAME), not by an address."
        return FailureKind.LOGIN_REFUSED, came_back, remedy
    if _NO_KDC.search(text):
        return (
            FailureKind.LOGIN_REFUSED,
            came_back,
            "Check /etc/krb5.conf: the realm and its KDCs, and the name servers.",
        )
    return (
        FailureKind.LOGIN_REFUSED,
        came_back,
        "Check the ticket (klist), the realm in capitals, and the machine's name.",
    )


def _tell_skew(said: str) -> Told:
    words = f": {said}" if said else ""
    return FailureKind.CLOCK_SKEWED, f"the clocks differ too much for Kerberos (KRB_AP_ERR_SKEW){words}.", _SET_CLOCK


def _remedy(journey: WinrmJourney, offered: tuple[str, ...]) -> str:
    target = journey.target
    takes = {method.lower() for method in offered}
    if target.kind is WinrmKind.CERTIFICATE:
        return "Map the certificate to a user there (WSMan:\\localhost\\ClientCertificate), and allow Certificate."
    if target.kind is WinrmKind.BASIC:
        allow = "" if target.is_https else ", and over HTTP AllowUnencrypted"
        return (
            "Check user and password; Basic takes local users only, and has to be allowed there "
            f"(WSMan:\\localhost\\Service\\Auth\\Basic{allow})."
        )
    if target.kind is WinrmKind.CREDSSP:
        return "Check user and password, and allow it there: Enable-WSManCredSSP -Role Server."
    if target.kind is WinrmKind.NTLM and takes and not takes & {"ntlm", "negotiate"}:
        return f"That machine takes no NTLM: name another kind of login ({', '.join(offered)})."
    return (
        "Check user (DOMAIN\\user, or user@domain; a local one as it is) and password, whether the account is locked, "
        "and that it may log in over the network; local administrators may need LocalAccountTokenFilterPolicy=1."
    )


def _methods(header: str) -> tuple[str, ...]:
    words = (part.strip().partition(" ")[0] for part in header.split(","))
    return tuple(dict.fromkeys(word for word in words if word.isalpha()))


def _body_of(error: Exception) -> str:
    """The words of the answer that ``error`` came from; pywinrm keeps them in the error that its own was raised for."""
    if isinstance(error, KeysStale):
        return clean(str(error), _QUOTED_CHARACTERS)
    response = getattr(error.__context__, "response", None)
    text = getattr(response, "text", "") if response is not None else ""
    return clean(str(text), _QUOTED_CHARACTERS)
