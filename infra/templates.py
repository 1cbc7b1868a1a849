"""The files of ``infra/aws`` as one template: Chalice merges one file into its own, and they are several."""

from pathlib import Path
from typing import Any

from chalice.package import YAMLTemplateSerializer

Template = dict[str, Any]


class TemplatesClash(Exception):
    """Two files give the same name to a parameter, a resource or an output."""


def merged(folder: Path) -> Template:
    """All sections of all files, with CloudFormation's short forms (``!Ref``) written out."""
    whole: Template = {}
    for path in sorted(folder.glob("*.yaml")):
        for section, entries in YAMLTemplateSerializer().load_template(path.read_text(), path.name).items():
            known = whole.setdefault(section, {})
            if clash := known.keys() & entries.keys():
                raise TemplatesClash(f"{path.name}: {section} has {', '.join(sorted(clash))} already")
            known.update(entries)
    return whole
