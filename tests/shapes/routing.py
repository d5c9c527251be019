"""Where a call goes on to: the first rule that fits."""

from __future__ import annotations

from dataclasses import dataclass, field

from identity import Identity

CRITERIA = ("service", "operation", "region", "bucket")


def fits(criteria: dict[str, object], identity: Identity) -> bool:
    """Every criterion that is given names the call; one may be a list of names. A service has the name in its signature
    and the name that botocore gives it; either will do."""
    names = {
        "service": (identity.service, identity.model),
        "operation": (identity.operation,),
        "region": (identity.region,),
        "bucket": (identity.bucket,),
    }
    return all(set(_listed(criteria[it])) & set(names[it]) for it in CRITERIA if criteria.get(it) is not None)


def _listed(value: object) -> list[str]:
    return list(value) if isinstance(value, list) else [str(value)]


@dataclass
class Routes:
    """`rules`: each has an `upstream` and any of the criteria. `otherwise` is for calls that no rule fits."""

    rules: list[dict] = field(default_factory=list)
    otherwise: str | None = None

    @classmethod
    def read(cls, config: dict) -> Routes:
        rules = config.get("rules", [])
        for rule in rules:
            unknown = set(rule) - {*CRITERIA, "upstream"}
            if unknown or not rule.get("upstream"):
                raise ValueError(f"a rule has an upstream and any of {', '.join(CRITERIA)}; found {rule}")
        return cls(rules, config.get("otherwise"))

    def upstream(self, identity: Identity) -> str | None:
        found = next((rule["upstream"] for rule in self.rules if fits(rule, identity)), self.otherwise)
        return found.rstrip("/") if found else None
