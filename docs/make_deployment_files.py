"""Makes docs/deployment-files.md from the keys of ops/deployments/definition_fields.py; run by docs/make_all.py."""

from collections.abc import Iterator
from pathlib import Path

from ops.deployments.definition_fields import DEFINITION
from ops.deployments.definition_files import default_of, read_definition, required_of, write_definition
from ops.deployments.definition_sections import Field, Section
from ops.deployments.definition_toml_text import toml_value

PAGE = Path(__file__).with_name("deployment-files.md")

_INTRODUCTION = """\
<!-- Made by docs/make_deployment_files.py from ops/deployments/definition_fields.py: do not edit. -->

# Deployments as files

A deployment can be kept in a file, in TOML or YAML, and so in git. A file defines one deployment. This one installs
critical and security updates on the production machines, three days after each second Tuesday, canaries first:

```toml
{small}```

The same in YAML:

```yaml
{small_yaml}```

- **Mistakes** are refused before anything is done, with the line: a key that does not exist (and the nearest that
  does), a value of another type, a value that cannot be used, and a deployment that cannot work as a whole, such as
  one that chooses no updates. `patchdeck` then ends with exit code 2 and has changed nothing.
- **Paths** (`blackouts`, and the `path` of scripts) are relative to the folder of the file, and are kept whole. `~`
  is the home of whoever reads the file.
- **The file's own text** is kept beside the deployment, to the byte. A deployment that was made or changed otherwise
  is written anew: keys in the order of this page, and those left out that are as by default. Reading that gives the
  same deployment.
- **YAML** is read as what it says. A plain value is what its key expects: `no` for a text is the text "no", `02:30` a
  time of day and not 150 minutes, and only `true` and `false` are true or false. Anchors, aliases, merges, tags,
  several documents and keys that stand twice are refused.
- **Size**: at most 300,000 characters, UTF-8.

{sections}
## When it starts
`first` is a time on the clock of `time-zone`; without a `rule` it is the only start. With one, the rule is read from
`first` on, as RFC 5545 defines it, on that clock:

- `first` is a start only where the rule matches it; `COUNT` counts starts that match. (RFC 5545 counts DTSTART as one
  whatever the rule says. A deployment for second Tuesdays runs on no other day.)
- `offset-days` then moves each occurrence by days of the calendar, over ends of months and years. A start that would
  lie before `first` is none. `UNTIL` and `COUNT` are of the rule, `last-day` is of the start as it was moved.
- A time that the clocks leave out in spring is the first instant after the gap: 02:30 in Berlin becomes 03:00 in that
  night, and the list of starts says so. A time that comes twice in autumn is the first of the two. Two starts that a
  gap brings together are one.
- `FREQ` is `HOURLY`, `DAILY`, `WEEKLY`, `MONTHLY` or `YEARLY`. At most four values of `BYMINUTE` and one of
  `BYSECOND`, `INTERVAL` up to 1000, `COUNT` up to 10,000. What RFC 5545 forbids is refused, `BYSETPOS` with `HOURLY`
  too.
- A rule that gives no start within ten years (`BYMONTH=2;BYMONTHDAY=30`) is refused.

| rule | starts |
| --- | --- |
| `FREQ=MONTHLY;BYDAY=2TU` and `offset-days = 3` | the Friday after each second Tuesday |
| `FREQ=MONTHLY;BYMONTHDAY=-1` | the last day of each month |
| `FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1` | the last working day of each month |
| `FREQ=WEEKLY;BYDAY=TU,TH` | each Tuesday and Thursday |
| `FREQ=WEEKLY;INTERVAL=2;BYDAY=SU` | every other Sunday |
| `FREQ=MONTHLY;INTERVAL=3;BYDAY=1SU` | the first Sunday of each quarter |

**Blackouts** are the events of an iCalendar file, read whenever starts are asked for: all-day events in `time-zone`,
times with their own zone or the file's, recurring events with their exceptions. A start within one is skipped, and
shown as skipped. Events that are marked as free count, as public holidays are; cancelled ones don't. An event that
cannot be read refuses the file: a freeze that is not seen is a deployment in the middle of it.

**Missed starts**: the service was down, or the console was off. A start that is at most five minutes late is made.
Beyond that `missed` says what happens: `"skip"`, or `"run within 4 h"`. Of several missed starts only the newest can
still be made.

## A whole file
Every key, with a value that is not its default:

```toml
{whole}```
"""

_SMALL = """\
name = "web-monthly"
targets = ["tag:env=prod"]

[updates]
classes = ["critical", "security"]

[[updates.exclusions]]
update = "docker*"
reason = "breaks the build farm, ticket 4711"
until = 2026-12-31

[schedule]
first = 2026-12-08T02:30:00
time-zone = "Europe/Berlin"
rule = "FREQ=MONTHLY;BYDAY=2TU"
offset-days = 3

[rollout]
waves = ["tag:ring=canary", "25%"]
budget = "10%"
"""


def make() -> str:
    """The text of the page."""
    return _INTRODUCTION.format(
        small=_SMALL,
        small_yaml=write_definition(read_definition(_SMALL, "toml"), "yaml"),
        sections="\n".join(_table(section) for section in _all(DEFINITION)),
        whole="\n".join(example_lines()),
    )


def example_lines() -> Iterator[str]:
    """A definition in TOML with every key at its example."""
    for section in _all(DEFINITION):
        if section.name:
            yield ""
            yield _header(section)
        yield from (f"{field.key} = {field.example}" for field in section.fields)
    yield ""


def _all(section: Section) -> Iterator[Section]:
    yield section
    for part in section.sections:
        yield from _all(part)


def _header(section: Section) -> str:
    return f"[[{section.name}]]" if section.is_list else f"[{section.name}]"


def _table(section: Section) -> str:
    title = _header(section) if section.name else "At the top"
    repeated = " It may stand several times." if section.is_list else ""
    rows = "".join(_row(section, field) for field in section.fields)
    return (
        f"## {title}\n\n{section.meaning[0].upper()}{section.meaning[1:]}.{repeated}\n\n"
        f"| key | takes | default | meaning | example |\n| --- | --- | --- | --- | --- |\n{rows}"
    )


def _row(section: Section, field: Field) -> str:
    cells = (f"`{field.key}`", field.kind.expected, _default(section, field), field.meaning, f"`{field.example}`")
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |\n"


def _default(section: Section, field: Field) -> str:
    if field.attributes[0] in required_of(section):
        return "the file's name" if field.key == "name" else "must be given"
    defaults = tuple(default_of(section, attribute) for attribute in field.attributes)
    if defaults in ((None,), ("",)):
        return "none"
    return f"`{toml_value(field.kind.write(defaults if len(defaults) > 1 else defaults[0]))}`"
