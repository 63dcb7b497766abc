"""The repositories of a machine with apt, as facts that can be compared with those of other machines."""

from collections.abc import Collection, Iterator

from collectors.managers import apt_lists
from fleet.facts import Repository
from fleet.hostile import clean_name


def list_repositories(
    lists: apt_lists.Lists, families: tuple[str, ...], failing: Collection[str] = ()
) -> tuple[Repository, ...]:
    """One for each name: mirrors of one suite are one repository, as new as the newest of them.

    ``failing`` are the stems of those that a refresh did not reach. When the lists were fetched is not known: apt
    gives them the dates of the server.
    """
    by_name: dict[str, Repository] = {}
    for repository in _each(lists, families, failing):
        known = by_name.get(repository.name)
        if known is None or _is_better(repository, known):
            by_name[repository.name] = repository
    return tuple(by_name.values())


def _each(lists: apt_lists.Lists, families: tuple[str, ...], failing: Collection[str]) -> Iterator[Repository]:
    for repository in lists.repositories:
        release = repository.release
        yield Repository(
            name=_name(repository),
            made_at=release.made_at if release else None,
            has_advisories=repository.is_security(families),
            is_failing=repository.is_missing or repository.stem in failing,
        )


def _is_better(one: Repository, other: Repository) -> bool:
    if one.is_failing != other.is_failing:
        return other.is_failing
    return one.made_at is not None and (other.made_at is None or one.made_at > other.made_at)


def _name(repository: apt_lists.Repository) -> str:
    """Origin, label and codename, which mirrors keep: ``Debian/Debian-Security bookworm-security``."""
    release = repository.release
    if release is None or not (release.origin or release.label):
        return clean_name(f"{apt_lists.host_of(repository.name)} {repository.suite}")
    owner = "/".join(dict.fromkeys(word for word in (release.origin, release.label) if word))
    return clean_name(f"{owner} {release.codename or release.suite or repository.suite}")
