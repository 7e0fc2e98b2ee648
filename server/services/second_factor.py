"""The second factor of an account: switched on with a first code, asked for at sign-in, switched off."""

from sqlalchemy import Connection, delete, func, insert, select, update

from server.contract.problems import ProblemError
from server.db import Record, Tx
from server.domain import totp
from server.models import Account, RecoveryCode
from server.services.accounts import digest


def switch_on(tx: Tx, account_id: int, secret: bytes, code: str) -> list[str]:
    """With a code that the telephone shows for this secret. Returns recovery codes, which are kept nowhere. Raises
    bad_code."""
    step = totp.matched(secret, totp.typed(code), tx.now, 0)
    if step is None:
        raise ProblemError("bad_code")
    switch_off(tx, account_id)
    tx.change(Account, account_id, totp_secret=totp.sealed(tx.key, secret), totp_step=step)
    codes = [totp.recovery_code() for _ in range(totp.RECOVERY_CODES)]
    for one in codes:
        tx.conn.execute(insert(RecoveryCode).values(code_hash=digest(totp.typed(one)), account_id=account_id))
    return codes


def switch_off(tx: Tx, account_id: int) -> None:
    tx.change(Account, account_id, totp_secret=None, totp_step=0)
    tx.conn.execute(delete(RecoveryCode).where(RecoveryCode.account_id == account_id))


def accept(tx: Tx, account: Record, said: str) -> None:
    """Use up a code of the telephone or a recovery code. Raises bad_code; every other is refused alike."""
    if account.totp_secret is None:
        return
    code = totp.typed(said)
    if not (_accept_code(tx, account, code) if totp.is_code(code) else _accept_recovery(tx, account.id, code)):
        raise ProblemError("bad_code")


def _accept_code(tx: Tx, account: Record, code: str) -> bool:
    step = totp.matched(totp.opened(tx.key, account.totp_secret), code, tx.now, account.totp_step)
    if step is not None:
        tx.conn.execute(update(Account).where(Account.id == account.id).values(totp_step=step))
    return step is not None


def _accept_recovery(tx: Tx, account_id: int, code: str) -> bool:
    mine = (RecoveryCode.account_id == account_id) & (RecoveryCode.code_hash == digest(code))
    return tx.conn.execute(delete(RecoveryCode).where(mine)).rowcount == 1


def codes_left(conn: Connection, account_id: int) -> int:
    """How many recovery codes nobody has used yet."""
    mine = select(func.count()).select_from(RecoveryCode).where(RecoveryCode.account_id == account_id)
    return conn.execute(mine).scalar_one()
