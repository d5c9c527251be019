"""The public name in the emulator's Route 53, as dns.yaml makes it: two failover records, and a health check per flag.

The emulator's CloudFormation has no health checks, so they are made through the API, with the properties of dns.yaml.
"""

from __future__ import annotations

import uuid

from .document import EAST, NAME, WEST

# What Route 53 signs for, whatever Region is asked.
HOME = "us-east-1"


def zone(eyes, name: str) -> str:
    """The identifier of the hosted zone of the public name, made where there is none yet."""
    route53 = eyes.client("route53", HOME)
    for known in route53.list_hosted_zones()["HostedZones"]:
        if known["Name"] == f"{name}.":
            return known["Id"].removeprefix("/hostedzone/")
    made = route53.create_hosted_zone(Name=f"{name}.", CallerReference=str(uuid.uuid4()))
    return made["HostedZone"]["Id"].removeprefix("/hostedzone/")


class PublicName:
    def __init__(self, eyes, name: str, writer: str):
        """Both records, PRIMARY being the writer's."""
        self.route53, self.name, self.zone = eyes.client("route53", HOME), f"{name}.", zone(eyes, name)
        self._checks = {region: self._health_check(region) for region in (WEST, EAST)}
        other = EAST if writer == WEST else WEST
        records = [self._record(writer, "PRIMARY", self._checks[other]), self._record(other, "SECONDARY", None)]
        # Who was PRIMARY may not be it twice: both go before both come.
        known = self.route53.list_resource_record_sets(HostedZoneId=self.zone)["ResourceRecordSets"]
        changes = [{"Action": "DELETE", "ResourceRecordSet": it} for it in known if it.get("Failover")]
        changes += [{"Action": "CREATE", "ResourceRecordSet": it} for it in records]
        self.route53.change_resource_record_sets(HostedZoneId=self.zone, ChangeBatch={"Changes": changes})

    def _health_check(self, region: str) -> str:
        """It watches the alarm on the flag of `region`, and without data keeps what it knew. There is one, as from dns.yaml."""
        config = {
            "Type": "CLOUDWATCH_METRIC",
            "AlarmIdentifier": {"Region": region, "Name": f"mmdr-{NAME}-taken-over"},
            "InsufficientDataHealthStatus": "LastKnownStatus",
        }
        for known in self.route53.list_health_checks()["HealthChecks"]:
            if known["HealthCheckConfig"].get("AlarmIdentifier") == config["AlarmIdentifier"]:
                return known["Id"]
        made = self.route53.create_health_check(CallerReference=str(uuid.uuid4()), HealthCheckConfig=config)
        return made["HealthCheck"]["Id"]

    def _record(self, region: str, role: str, check: str | None) -> dict:
        record = {
            "Name": self.name,
            "Type": "CNAME",
            "SetIdentifier": region,
            "Failover": role,
            "TTL": 60,
            "ResourceRecords": [{"Value": f"chat-{region}.example.com"}],
        }
        return record | ({"HealthCheckId": check} if check else {})

    def primary(self) -> tuple[str, str] | None:
        """The Region of the PRIMARY record, and the one whose flag its health check watches."""
        answer = self.route53.list_resource_record_sets(HostedZoneId=self.zone)
        for record in answer["ResourceRecordSets"]:
            if record.get("Failover") == "PRIMARY":
                watched = [region for region, check in self._checks.items() if check == record.get("HealthCheckId")]
                if not watched:
                    raise RuntimeError(f"PRIMARY has a health check that nobody made here: {record.get('HealthCheckId')}")
                return record["SetIdentifier"], watched[0]
        return None
