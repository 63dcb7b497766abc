"""Scripts that prove a login: one that does nothing, and one that asks sudo whether a password is right."""

from collectors.jobs.orders import quote
from collectors.secrets import Secret
from fleet.errors import BadInput

LOGIN_PROOF = b"true\n"

# -v runs nothing, and asks for the password unless every rule of the user is NOPASSWD; -k forgets an earlier one:
# sudo(8). In a shell whose printf is a program, the password would stand in the process list.
_SUDO_PROOF = """\
case $(type printf) in
    *builtin*) ;;
    *) echo 'printf is not a builtin of this shell: the password was not used' >&2; exit 98 ;;
esac
command -v sudo >/dev/null 2>&1 || { echo 'sudo: command not found' >&2; exit 127; }
printf '%s\\n' "$sudo_password" | LC_ALL=C sudo -k -S -p '' -v
"""


def sudo_proof(password: Secret) -> bytes:
    """A script that ends with 0 if sudo takes ``password``; it runs nothing as root.

    Raises:
        BadInput: the password cannot be given to sudo: it holds a line break or a NUL.
    """
    text = password.reveal()
    if any(character in text for character in "\n\r\0"):
        raise BadInput("The sudo password holds a line break or a NUL; sudo reads one line.")
    return f"sudo_password={quote(text)}\n{_SUDO_PROOF}".encode()
