"""What can go wrong, and what an error knows."""

from twinwire import (
    APIConnectionError,
    APIError,
    APIStatusError,
    ContextLengthError,
    DeadlineExceededError,
    InvalidRequestError,
    ModelNotFoundError,
    OpenAI,
    RateLimitError,
    StreamTruncatedError,
    TwinwireError,
)

MESSAGES = [{"role": "user", "content": "Say hello."}]


def ask(client: OpenAI, model: str) -> str:
    try:
        return client.chat.completions.create(model=model, messages=MESSAGES).text
    except ModelNotFoundError as error:
        return f"no such model: {error.model} ({error.status_code}, {error.code})"
    except ContextLengthError:
        return "the prompt is too long"
    except RateLimitError as error:
        return f"try again in {error.retry_after or 60:.0f} s; {len(error.attempts)} attempts"
    except APIStatusError as error:
        return f"{error.status_code}: {error.message} ({error.request_id}, {error.type}, {error.param})"
    except DeadlineExceededError as error:
        return f"too slow: {error.where}"
    except APIConnectionError as error:
        return f"no reply: {error}"


def read(client: OpenAI) -> str:
    try:
        with client.chat.completions.stream(model="gpt-4o-mini", messages=MESSAGES) as stream:
            return stream.result().text
    except StreamTruncatedError as error:
        return f"the answer was cut: {error}"
    except APIError as error:
        return f"{type(error).__name__}, worth another try: {error.retry_safe}"


def refuse(client: OpenAI) -> str:
    try:
        return client.chat.completions.create(model="", messages=MESSAGES).text
    except InvalidRequestError as error:
        return f"{error.param} is wrong"
    except TwinwireError as error:
        return str(error)


def main() -> None:
    with OpenAI(max_retries=0) as client:
        print(ask(client, "gpt-4o-mini"), ask(client, "gpt-4o-mini"), ask(client, "gpt-4o-mini"))
        print(read(client), refuse(client))


if __name__ == "__main__":
    main()
