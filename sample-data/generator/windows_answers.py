"""What the Windows Update agent of a sample machine says of an update, as `assess` answers it."""

from collections.abc import Mapping
from types import MappingProxyType

from collectors.windows.assess_answer import CategoryAnswer, InstalledAnswer, UpdateAnswer
from fleet.updates import Classification
from generator.era import identity
from generator.windows_updates import PublishedUpdate

# The ids of classes are the same everywhere: windows.md, section 3.
_CLASS_IDS: Mapping[Classification, str] = MappingProxyType(
    {
        Classification.SECURITY: "0fa1201d-4330-4fa8-8ae9-b877473b6441",
        Classification.CRITICAL: "e6cf1350-c01b-414d-a61f-263d14d133b4",
        Classification.UPDATE_ROLLUPS: "28bc880e-0592-4cbf-8f95-c79b17911d5f",
        Classification.UPDATES: "cd5ffd1e-e932-4e3a-bf74-18bf0b1bbd83",
        Classification.DEFINITION_UPDATES: "e0789628-ce08-4437-be74-2495b842f43b",
        Classification.UPGRADES: "3689bdc8-b205-4af4-8d4a-a63924c5e9d5",
        Classification.DRIVERS: "ebfc1fc5-71a4-4f7b-9aca-3b9a503104a0",
    }
)
_REVISION = 200
_NEVER_REBOOTS, _ALWAYS_REBOOTS = 0, 1
_NORMAL, _EXCLUSIVE = 0, 2
_SOFTWARE, _DRIVER = 1, 2
_INSTALLATION, _OPTIONAL_INSTALLATION = 1, 4


def update_answer(update: PublishedUpdate, *, is_hidden: bool) -> UpdateAnswer:
    """``update`` as a search gives it where it is needed; ``is_hidden``: somebody hid it there."""
    is_driver = update.classification is Classification.DRIVERS
    return UpdateAnswer(
        id=update.update_id,
        revision=_REVISION,
        title=update.title,
        kb=_articles(update),
        severity=update.severity or None,
        categories=_categories(update),
        type=_DRIVER if is_driver else _SOFTWARE,
        deployment_action=_OPTIONAL_INSTALLATION if update.is_optional else _INSTALLATION,
        is_downloaded=False,
        is_hidden=is_hidden,
        is_mandatory=False,
        is_present=False,
        browse_only=update.is_optional,
        auto_select=not update.is_optional,
        eula_accepted=not update.has_new_licence,
        reboot_behavior=_ALWAYS_REBOOTS if update.needs_reboot else _NEVER_REBOOTS,
        can_request_user_input=False,
        requires_network=False,
        impact=_EXCLUSIVE if update.is_exclusive else _NORMAL,
        max_download_bytes=update.size_bytes,
        min_download_bytes=0,
        last_deployment_change_utc=update.published_at,
        support_url=f"https://support.microsoft.com/help/{update.kb}" if update.kb else "",
    )


def installed_answer(update: PublishedUpdate) -> InstalledAnswer:
    """``update`` as a search gives it where it is installed."""
    return InstalledAnswer(update.update_id, update.title, _articles(update), update.published_at)


def _articles(update: PublishedUpdate) -> tuple[str, ...]:
    return (update.kb,) if update.kb else ()


def _categories(update: PublishedUpdate) -> tuple[CategoryAnswer, ...]:
    class_ = CategoryAnswer(_CLASS_IDS[update.classification], update.classification.value, "UpdateClassification")
    return class_, CategoryAnswer(identity("product", update.product), update.product, "Product")
