"""Scripts of the official SDK's documentation, with the import line changed and nothing else."""

import asyncio
import os

from twinwire import APIConnectionError, APIStatusError, AsyncOpenAI, OpenAI, RateLimitError

client = OpenAI(
    api_key=os.environ.get("OPENAI_API_KEY"),
)


def ask() -> None:
    completion = client.chat.completions.create(
        model="gpt-4o",
        messages=[
            {"role": "developer", "content": "Talk like a pirate."},
            {"role": "user", "content": "How do I check if a Python object is an instance of a class?"},
        ],
    )

    print(completion.choices[0].message.content)


def describe_an_image(prompt: str, img_url: str) -> None:
    response = client.chat.completions.create(
        model="gpt-4o-mini",
        messages=[
            {
                "role": "user",
                "content": [
                    {"type": "text", "text": prompt},
                    {"type": "image_url", "image_url": {"url": f"{img_url}"}},
                ],
            }
        ],
    )
    print(response.choices[0].message.content)


def ask_for_json() -> None:
    completion = client.chat.completions.create(
        model="gpt-4o",
        messages=[
            {
                "role": "user",
                "content": "Can you generate an example json object describing a fruit?",
            }
        ],
        response_format={"type": "json_object"},
    )
    print(completion.to_json(), completion.to_dict())


def stream() -> None:
    stream = client.chat.completions.create(
        messages=[
            {
                "role": "user",
                "content": "Say this is a test",
            }
        ],
        model="gpt-4o",
        stream=True,
    )
    for chunk in stream:
        print(chunk)


def handle_errors() -> None:
    try:
        client.with_options(max_retries=0).chat.completions.create(
            messages=[{"role": "user", "content": "Say this is a test"}],
            model="gpt-4o",
        )
    except APIConnectionError as e:
        print("The server could not be reached")
        print(e.__cause__)
    except RateLimitError:
        print("A 429 status code was received; we should back off a bit.")
    except APIStatusError as e:
        print("Another non-200-range status code was received")
        print(e.status_code)
        print(e.request_id)


def look_at_the_headers() -> None:
    response = client.chat.completions.with_raw_response.create(
        messages=[
            {
                "role": "user",
                "content": "Say this is a test",
            }
        ],
        model="gpt-4o",
    )
    print(response.headers.get("x-request-id"))

    completion = response.parse()  # get the object that `chat.completions.create()` would have returned
    print(completion.id)


def embed() -> None:
    response = client.embeddings.create(input="Your text string goes here", model="text-embedding-3-small")

    print(response.data[0].embedding)


def list_models() -> None:
    models = client.models.list()
    print([model.id for model in models])


async def main() -> None:
    client = AsyncOpenAI(
        # This is the default and can be omitted
        api_key=os.environ.get("OPENAI_API_KEY"),
    )
    chat_completion = await client.chat.completions.create(
        messages=[
            {
                "role": "user",
                "content": "Say this is a test",
            }
        ],
        model="gpt-4o",
    )
    print(chat_completion.choices[0].message.content)


if __name__ == "__main__":
    ask()
    describe_an_image("What is in this image?", "https://example.com/cat.png")
    ask_for_json()
    stream()
    handle_errors()
    look_at_the_headers()
    embed()
    list_models()
    asyncio.run(main())
