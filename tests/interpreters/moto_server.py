"""Runs moto's interpreter: `moto_server.py <port> <Lambda host>`.

moto is changed in three places, each where it leaves no setting: Tasks reach the scripted Lambda host instead of a
fixed local port, Wait states take no time, and neither do the pauses between retries.
"""

from __future__ import annotations

import functools
import sys

import boto3
from botocore.config import Config
from moto.server import DomainDispatcherApplication, create_backend_app
from moto.stepfunctions.parser.asl.component.common.retry import retrier_decl
from moto.stepfunctions.parser.asl.component.state.exec.state_task import lambda_eval_utils
from moto.stepfunctions.parser.asl.component.state.wait.wait_function.wait_function import WaitFunction
from werkzeug.serving import run_simple

# Longer than any script hangs: the engine's own time-out must come first.
LONGEST_CALL_S = 600


class NoPause:
    """Stands where `retrier_decl` has the module `time`."""

    @staticmethod
    def sleep(seconds: float) -> None:
        pass


@functools.cache
def lambda_client(endpoint: str, region: str):
    config = Config(
        parameter_validation=False,
        max_pool_connections=50,
        read_timeout=LONGEST_CALL_S,
        retries={"total_max_attempts": 1},
    )
    keys = {"aws_access_key_id": "none", "aws_secret_access_key": "none"}
    return boto3.client("lambda", region_name=region, endpoint_url=endpoint, config=config, **keys)


def main() -> None:
    port, endpoint = int(sys.argv[1]), sys.argv[2]
    lambda_eval_utils.boto_client_for = lambda region, service, state_credentials=None: lambda_client(endpoint, region)
    WaitFunction._wait_interval = lambda self, env, wait_seconds: None
    retrier_decl.time = NoPause
    run_simple("127.0.0.1", port, DomainDispatcherApplication(create_backend_app), threaded=True)


if __name__ == "__main__":
    main()
