"""Classes of Windows updates by the ids of their categories: names are in the machine's language."""

from collections.abc import Mapping, Sequence

from collectors.windows.assess_answer import CategoryAnswer, UpdateAnswer
from fleet.updates import Classification

_DRIVER = 2  # UpdateType utDriver
# In the order in which they count where an update has several.
_CLASSES: Mapping[str, Classification] = {
    "0fa1201d-4330-4fa8-8ae9-b877473b6441": Classification.SECURITY,
    "e6cf1350-c01b-414d-a61f-263d14d133b4": Classification.CRITICAL,
    "e0789628-ce08-4437-be74-2495b842f43b": Classification.DEFINITION_UPDATES,
    "3689bdc8-b205-4af4-8d4a-a63924c5e9d5": Classification.UPGRADES,
    "68c5b0a3-d1a6-4553-ae49-01d3a7827828": Classification.SERVICE_PACKS,
    "b54e7d24-7add-428f-8b75-90a396fa584f": Classification.FEATURE_PACKS,
    "28bc880e-0592-4cbf-8f95-c79b17911d5f": Classification.UPDATE_ROLLUPS,
    "b4832bd8-e735-4761-8daf-37f882276dab": Classification.TOOLS,
    "ebfc1fc5-71a4-4f7b-9aca-3b9a503104a0": Classification.DRIVERS,
    "cd5ffd1e-e932-4e3a-bf74-18bf0b1bbd83": Classification.UPDATES,
}
_PRODUCT_TYPES = ("product", "productfamily")
_CLASS_TYPES = ("updateclassification", "company")


def classify(update: UpdateAnswer) -> tuple[Classification, str]:
    """The class of ``update``, and what that rests on."""
    ids = {plain_id(category.id) for category in update.categories}
    found = next((name for each, name in _CLASSES.items() if each in ids), None)
    if found is not None:
        return found, "the category of the update"
    if update.type == _DRIVER:
        return Classification.DRIVERS, "the type of the update"
    if update.severity:
        return Classification.SECURITY, "a severity of the MSRC, for lack of a category"
    return Classification.UNCLASSIFIED, "no category says it"


def find_product(categories: Sequence[CategoryAnswer]) -> str:
    """The name of the product that an update is for, empty if none is named; the product before its family."""
    others = [each for each in categories if plain_id(each.id) not in _CLASSES and each.name]
    for kind in _PRODUCT_TYPES:
        for category in others:
            if category.type.casefold() == kind:
                return category.name
    return next((each.name for each in others if each.type.casefold() not in _CLASS_TYPES), "")


def plain_id(text: str) -> str:
    """A GUID in lower case, without the braces that some tools put around it."""
    # Not casefold: it takes letters to pieces that are put together again where texts are made harmless.
    return text.strip().strip("{}").lower()
