"""One trade as each tells it who may: the stream, the exchange's list, files. Short words for tests."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

from feeds import private
from marketdash.portfolios.executions.quotes import Quoted
from marketdash.portfolios.executions.taking import Heard

BEGAN_US = 1_766_000_000_000_000


@dataclass(frozen=True)
class Trade:
    """``at_s``: after the first second of all of them."""

    venue: str
    number: int
    side: str = "buy"
    price: str = "60000.5"
    qty: str = "0.0015"
    fee: str = "0.25"
    at_s: int = 0

    @property
    def cost(self) -> str:
        return format(Decimal(self.price) * Decimal(self.qty), "f")

    @property
    def trade_id(self) -> str:
        return f"T{self.number:05}" if self.venue == "KRAKEN" else str(self.number)

    @property
    def at_us(self) -> int:
        """Each in a part of its second that is its own."""
        return BEGAN_US + self.at_s * 1_000_000 + self.number * 1_000

    @property
    def quote(self) -> str:
        return "USDT" if self.venue == "BINANCE" else "USD"

    @property
    def instrument(self) -> str:
        joined = {"KRAKEN": "BTC/USD", "BINANCE": "BTCUSDT", "COINBASE": "BTC-USD"}[self.venue]
        return f"{self.venue}:{joined}"


NOTHING = Quoted(reason="nobody looked")


def heard(trade: Trade, source: str = "stream", quoted: Quoted = NOTHING, **other: object) -> Heard:
    facts = {
        "instrument": trade.instrument,
        "trade_id": trade.trade_id,
        "order_id": f"O{trade.number}",
        "side": trade.side,
        "price": trade.price,
        "qty": trade.qty,
        "fees": ((trade.quote, trade.fee),) if Decimal(trade.fee) else (),
        "base": "BTC",
        "quote": trade.quote,
        "liquidity": "taker",
        "exchange_us": trade.at_us,
        "received_ns": (trade.at_us + 20_000) * 1000,
        "source": source,
        "cost": trade.cost if source == "rest" else "",
        **other,
    }
    return Heard(private.Fill(**facts), quoted)


def order(trade: Trade, status: str = "new", after_us: int = 0) -> private.OrderUpdate:
    at_us = trade.at_us - 3_000 + after_us
    what = trade.instrument, f"O{trade.number}", "", trade.side, "market", status, "", trade.qty, "0"
    return private.OrderUpdate(*what, at_us, at_us * 1000)


def clock(us: int) -> str:
    return f"{datetime.fromtimestamp(us // 1_000_000, UTC):%Y-%m-%d %H:%M:%S}"


def files(trades: list[Trade], venue: str) -> dict[str, bytes]:
    """All files in which the venue tells of them, by a name."""
    mine = [each for each in trades if each.venue == venue]
    return {name: made(mine) for name, made in _FILES[venue].items()} if mine else {}


def _kraken_trades(trades: list[Trade]) -> bytes:
    rows = ['"txid","ordertxid","pair","time","type","ordertype","price","cost","fee","vol","margin","misc"']
    for t in trades:
        stamp = f"{clock(t.at_us)}.{t.at_us % 1_000_000 // 100:04}"
        what = f'"{t.side}","market",{t.price},{t.cost},{t.fee},{t.qty},0.00000,""'
        rows.append(f'"{t.trade_id}","O{t.number}","XXBTZUSD","{stamp}",{what}')
    return "\n".join(rows).encode()


def _kraken_ledgers(trades: list[Trade]) -> bytes:
    rows = ['"txid","refid","time","type","subtype","aclass","asset","amount","fee","balance"']
    for t in trades:
        got, gave = ("", "-") if t.side == "buy" else ("-", "")
        head = f'"{t.trade_id}","{clock(t.at_us)}","trade","","currency"'
        rows.append(f'"L{t.number}B",{head},"XXBT",{got}{t.qty},0,0')
        rows.append(f'"L{t.number}Q",{head},"ZUSD",{gave}{t.cost},{t.fee},0')
    return "\n".join(rows).encode()


def _coinbase(trades: list[Trade]) -> bytes:
    rows = ["portfolio,trade id,product,side,created at,size,size unit,price,fee,total,price/fee/total unit"]
    for t in trades:
        stamp = datetime.fromtimestamp(t.at_us / 1_000_000, UTC).isoformat(timespec="milliseconds")
        what = f"{t.side.upper()},{stamp.replace('+00:00', 'Z')},{t.qty},BTC,{t.price},{t.fee},0,USD"
        rows.append(f"default,{t.trade_id},BTC-USD,{what}")
    return "\n".join(rows).encode()


def _binance(trades: list[Trade]) -> bytes:
    rows = ["Date(UTC),Pair,Side,Price,Executed,Amount,Fee"]
    for t in trades:
        amounts = f"{t.qty}BTC,{t.cost}USDT,{t.fee}USDT"
        rows.append(f"{clock(t.at_us)},BTCUSDT,{t.side.upper()},{t.price},{amounts}")
    return "\n".join(rows).encode()


_FILES = {
    "KRAKEN": {"trades.csv": _kraken_trades, "ledgers.csv": _kraken_ledgers},
    "COINBASE": {"fills.csv": _coinbase},
    "BINANCE": {"binance.csv": _binance},
}
VENUES = tuple(_FILES)
