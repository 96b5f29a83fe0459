"""The process's price tables: read when a price is first asked for, and kept."""

from __future__ import annotations

from twinwire._io import price_files
from twinwire.errors import ConfigError
from twinwire.money.kinds import is_object
from twinwire.money.prices import PriceLevels, PriceTable


class Levels:
    """
    The user's file, then the cache, then the packaged table.

    It has no lock: what two threads read at the same time is the same.
    """

    def __init__(self) -> None:
        self._read: PriceLevels | None = None

    def get(self) -> PriceLevels:
        """
        Return the tables.

        Raises:
            ConfigError: the user's file cannot be read.
        """
        found = self._read
        if found is None:
            found = self._read = read()
        return found

    def forget(self) -> None:
        """Read them anew when next asked."""
        self._read = None


def read() -> PriceLevels:
    """Read the tables. A cached one that is older than the package's is passed over, and one that cannot be read too."""
    last = packaged()
    tables: list[PriceTable] = []
    for each in price_files.cached():
        try:
            table = PriceTable(each.document, f"cache of {each.source}")
            table.check()
        except ValueError:
            continue  # of an older or newer format: as good as none
        if table.date >= last.date:
            tables.append(table)
    first = _own()
    return PriceLevels([*([first] if first else []), *tables, last])


def packaged() -> PriceTable:
    """The table that lies in the package."""
    return PriceTable(price_files.packaged(), "packaged")


def _own() -> PriceTable | None:
    found = price_files.own()
    if found is None:
        return None
    path, document = found
    try:
        table = PriceTable(document if is_object(document) else {}, path)
        table.check()
    except ValueError as error:
        raise ConfigError(f"the price table that {price_files.FILE_VARIABLE} names cannot be read: {error}") from error
    return table


LEVELS = Levels()
"""One for the process."""
