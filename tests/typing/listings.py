"""Embeddings and models."""

from twinwire import OpenAI
from twinwire.types import CreateEmbeddingResponse, Model

EMBEDDER = "text-embedding-3-small"


def vectors(client: OpenAI, texts: list[str]) -> list[list[float]]:
    return client.embeddings.create(model=EMBEDDER, input=texts, encoding_format="base64", dimensions=8).vectors


def one(client: OpenAI) -> CreateEmbeddingResponse:
    return client.embeddings.create(model=EMBEDDER, input="one text")


def names(client: OpenAI) -> list[str]:
    return [model.id for model in client.models.list()]


def model(client: OpenAI, name: str) -> Model:
    return client.models.retrieve(name)


def main() -> None:
    with OpenAI() as client:
        reply = one(client)
        print(len(reply.data), len(reply), len(reply[0].vector), reply.usage)
        print([len(vector) for vector in vectors(client, ["a", "b"])])
        print(names(client)[:2], model(client, names(client)[0]).id)


if __name__ == "__main__":
    main()
