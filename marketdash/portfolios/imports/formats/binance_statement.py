"""Binance: the statement (transaction history), a row for each movement; legs of one second are one trade."""

from __future__ import annotations

from marketdash.portfolios.accounting.ledger import (
    AIRDROP,
    DEPOSIT,
    DIVIDEND,
    FEE,
    FUNDING,
    INTEREST,
    REWARD,
    WITHDRAWAL,
)
from marketdash.portfolios.imports.declared import (
    CARRIED,
    TRADE,
    Format,
    Rule,
    Take,
    does,
    left,
    named,
    refused,
)

_MOVED = Take(("change",), "coin")
_PAID = Take(("change",), "coin", role=FEE)
_EITHER = does(DEPOSIT, _MOVED, debit=WITHDRAWAL)
_EARNED = does(REWARD, _MOVED, debit=WITHDRAWAL)
_INSIDE = left("a move inside Binance")


def _all(rule: Rule, words: str) -> dict[str, Rule]:
    return dict.fromkeys((word.strip() for word in words.lower().split(";")), rule)


STATEMENT = Format(
    name="binance-statement",
    title="Binance transaction history",
    venue="BINANCE",
    mark="binance",
    columns=named(
        time="utc time|time",
        account="account",
        operation="operation",
        coin="coin",
        change="change",
        remark="remark",
        user="user id",
    ),
    needs=("time", "account", "operation", "coin", "change"),
    word=("operation",),
    words={
        **_all(
            does(TRADE, _MOVED),
            "Buy; Sell; Transaction Related; Transaction Buy; Transaction Spend; Transaction Sold; "
            "Transaction Revenue; Auto-Invest Transaction; Small Assets Exchange BNB; "
            "Small Assets Exchange BNB (Spot); Swap Farming Transaction; Liquid Swap Sell",
        ),
        **_all(
            does(TRADE, _MOVED, apart=True),
            "Binance Convert; Large OTC Trading; OTC Trading; Buy Crypto With Fiat; Sell Crypto To Fiat; "
            "Convert Fiat To Crypto OCBS; Asset Conversion Transfer; Futures Convert; ETH 2.0 Staking; "
            "BETH to WBETH Wrapping; "
            "ETH 2.0 Staking Withdrawals; Leverage Token Redemption; Stablecoins Auto-Conversion",
        ),
        **_all(
            does(TRADE, _MOVED, alone=(DEPOSIT, WITHDRAWAL)),
            "Buy Crypto; Buy Crypto With Card; Token Swap - Distribution",
        ),
        **_all(
            does(CARRIED, _MOVED, alone=(DEPOSIT, WITHDRAWAL), apart=True),
            "Token Swap - Redenomination/Rebranding",
        ),
        **_all(
            refused(
                "expected a row that says what the new coin cost in the end, found a part of a subscription: "
                "type in a swap of what did not come back for the coin that was distributed"
            ),
            "Launchpad Subscribe; Launchpad Token Distribution",
        ),
        **_all(does(TRADE, _PAID), "Fee; Transaction Fee; Trading Fee; BNB Fee Deduction"),
        **_all(
            _EITHER,
            "Deposit; Fiat Deposit; Crypto Deposit; Fiat OCBS - Add Fiat and Fees; Withdraw; Withdrawal; "
            "Fiat Withdraw; Fiat Withdrawal; Send; Receive; Crypto Withdrawal; P2P Trading; "
            "Binance Card Spending; Asset - Transfer; Asset Recovery; Leveraged Coin Consolidation",
        ),
        **_all(
            does(INTEREST, _MOVED),
            "Simple Earn Flexible Interest; Savings Interest; POS Savings Interest; Locked Savings Interest; "
            "Flexible Loan - Interest; Margin Interest; Cross Margin Interest",
        ),
        **_all(
            _EARNED,
            "Simple Earn Locked Rewards; Staking Rewards; ETH 2.0 Staking Rewards; SOL Staking Rewards; "
            "BNB Vault Rewards; Launchpool Interest; Launchpool Airdrop; Liquid Swap Rewards; "
            "Cash Voucher Distribution; Cash Voucher; Commission Rebate; Commission History; "
            "Commission Fee Shared With You; Referral Kickback; Referral Commission; Referrer Rewards; "
            "Referee Rewards; Mission Reward Distribution; Savings Distribution; Distribution; "
            "Simple Earn Flexible Airdrop; Megadrop Rewards; Card Cashback; Learn And Earn; "
            "Binance Card Cashback; Super BNB Mining; Pool Distribution; Campaign Related Reward; "
            "DOT Slot Auction Rewards; Launchpool Earnings Withdrawal; Swap Farming Rewards; "
            "Referrer Rebates; Referee Rebates; Launchpool Airdrop - User Claim Distribution; "
            "Launchpool Airdrop - System Distribution; Onchain Yields Fixed - Distribution; Onchain Yields "
            "Flexible - Distribution; Strategy Trading Fee Rebate; Event Bonus Distribution; "
            "Cashback Voucher; Earn - Airdrop Distribution",
        ),
        **_all(
            does(AIRDROP, _MOVED, debit=WITHDRAWAL),
            "Airdrop Assets; HODLer Airdrops Distribution; Crypto Box",
        ),
        **_all(does(DIVIDEND, _MOVED), "Dividend"),
        **_all(
            does(FUNDING, _MOVED),
            "Funding Fee; Realized Profit and Loss; Realize Profit and Loss; Insurance Fund Compensation; "
            "Insurance Fund Refund",
        ),
        **_all(
            _INSIDE,
            "Transfer Between Main and Funding Wallet; Main and Funding Account Transfer; Transfer "
            "Between Main Account/Futures and Margin Account; Transfer Between Spot Account and UM "
            "Futures Account; Transfer Between Spot Account and CM Futures Account; Transfer Between "
            "Spot and Strategy Account; Transfer Between Account; Transfer Funds to Spot; Transfer "
            "Funds to Funding Wallet; Simple Earn Flexible Subscription; Simple Earn Flexible "
            "Redemption; Simple Earn Locked Subscription; Simple Earn Locked Redemption; Savings "
            "Purchase; Savings Principal Redemption; POS Savings Purchase; POS Savings Redemption; "
            "Staking Purchase; Staking Redemption; Launchpool Subscription/Redemption; "
            "Liquid Swap Add; Liquid Swap Add/Sell; Liquid Swap Remove; Liquidity Farming Remove; "
            "Isolatedmargin Transfer; Margin Loan; Margin Repayment; Isolated Margin Loan; "
            "Isolated Margin Repayment; Cross Margin Liquidation - Repayment; Transfer In; Transfer Out; "
            "Transfer Between UM Futures And Funding Account; Transfer Between Futures Contract Accounts; "
            "Transfer Between Main Account And Mining Account; Transfer Between Main And Mining Account",
        ),
    },
    together=("time", "account"),
    times=("%y-%m-%d %H:%M:%S",),
    note=("operation", "remark"),
    zone="",
    merged=True,
)
FORMATS = (STATEMENT,)
