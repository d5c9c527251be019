"""The whole of every function that ministack runs here: asks the scripted host and passes on what it says.

It is a custom runtime and not a Python handler, because only a custom runtime can name the type of its error.
"""

import http.client
import os
import urllib.parse

RUNTIME = "/2018-06-01/runtime/invocation"


def main() -> None:
    api, function = os.environ["AWS_LAMBDA_RUNTIME_API"], os.environ["AWS_LAMBDA_FUNCTION_NAME"]
    invoke = f"/2015-03-31/functions/{urllib.parse.quote(function)}/invocations"
    while True:
        status, headers, payload = ask(api, "GET", f"{RUNTIME}/next")
        if status != 200:
            return
        _, answered, answer = ask(os.environ["SCRIPTED_HOST"], "POST", invoke, payload)
        kind = "error" if "X-Amz-Function-Error" in answered else "response"
        ask(api, "POST", f"{RUNTIME}/{headers['Lambda-Runtime-Aws-Request-Id']}/{kind}", answer)


def ask(host: str, method: str, path: str, body: bytes | None = None) -> tuple[int, http.client.HTTPMessage, bytes]:
    """One connection per request: a kept one waits 40 ms for a delayed acknowledgement each time."""
    connection = http.client.HTTPConnection(host)
    try:
        connection.request(method, path, body)
        response = connection.getresponse()
        return response.status, response.headers, response.read()
    finally:
        connection.close()


if __name__ == "__main__":
    main()
