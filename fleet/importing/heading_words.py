"""Headings of tables as words that compare: without blanks, signs, accents and case, and in English.

Spreadsheets are written, and Azure's portal exports, in the language of whoever sits before them.
"""

import unicodedata
from collections.abc import Mapping
from types import MappingProxyType

# German, French, Spanish, Italian, Portuguese and Dutch, without accents.
_ENGLISH: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "name": ("nom", "nombre", "nome", "naam"),
        "machinename": ("maschine", "maschinenname", "nomdelamachine", "nombredemaquina", "maquina", "macchina"),
        "computername": (
            *("rechner", "rechnername", "ordinateur", "nomdordinateur", "nomdelordinateur", "equipo"),
            *("nombredelequipo", "nombredeequipo", "nomecomputer", "nomedocomputador", "computador", "computernaam"),
        ),
        "servername": ("serveur", "nomduserveur", "servidor", "nombredelservidor", "nomedoservidor", "servernaam"),
        "hostname": ("nomdhote", "hote", "nombredehost", "nomehost", "nomedohost", "hostnaam"),
        "address": ("adresse", "direccion", "indirizzo", "endereco", "adres"),
        "ipaddress": ("ipadresse", "adresseip", "direccionip", "indirizzoip", "enderecoip", "ipadres"),
        "privateipaddress": (
            *("privateipadresse", "adresseipprivee", "direccionipprivada", "indirizzoipprivato"),
            *("enderecoipprivado", "enderecodeipprivado", "priveipadres", "particulieripadres"),
        ),
        "publicipaddress": (
            *("offentlicheipadresse", "oeffentlicheipadresse", "adresseippublique", "direccionippublica"),
            *("indirizzoippubblico", "enderecoippublico", "enderecodeippublico", "openbaaripadres"),
        ),
        "port": ("puerto", "porta", "poort"),
        "user": (
            *("benutzer", "benutzername", "anmeldename", "utilisateur", "usuario", "nombredeusuario", "utente"),
            *("nomeutente", "utilizador", "gebruiker", "gebruikersnaam"),
        ),
        "operatingsystem": (
            *("betriebssystem", "systemedexploitation", "sistemaoperativo", "sistemaoperacional"),
            *("besturingssysteem",),
        ),
        "groups": ("gruppe", "gruppen", "groupe", "groupes", "grupo", "grupos", "gruppo", "gruppi", "groep", "groepen"),
        "tags": ("markierungen", "etiquettes", "balises", "etiquetas", "etichette", "marcas", "labels"),
        "resourcegroup": (
            *("ressourcengruppe", "groupederessources", "grupoderecursos", "gruppodirisorse", "resourcegroep"),
        ),
        "resourcetype": ("ressourcentyp", "typederessource", "tipoderecurso", "tipodirisorsa"),
        "subscription": ("abonnement", "suscripcion", "sottoscrizione", "abbonamento", "assinatura", "subscricao"),
        "location": (
            *("standort", "speicherort", "emplacement", "ubicacion", "posizione", "localizacao", "localidade"),
            *("locatie",),
        ),
    }
)
_BY_WORD: Mapping[str, str] = MappingProxyType({word: english for english, words in _ENGLISH.items() for word in words})


def word_of(heading: str) -> str:
    """A heading as a word that compares: ``ip-address`` and ``IP-Adresse`` are ``ipaddress``."""
    folded = unicodedata.normalize("NFKD", heading.casefold())
    word = "".join(character for character in folded if character.isalnum())
    return _BY_WORD.get(word, word)
