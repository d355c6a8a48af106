"""The scripts of test/dialogs against the real server; its unit tests play them too, in memory."""
import dialogs
import pytest

SERVER = {"settings": "[login]\nfree_failures = 1000\nfailures_to_ban_address = 1000\n"}


def found(kind):
    return [pytest.param(kind, path, id=f"{kind}/{path.stem}")
            for path in sorted((dialogs.DIALOGS / kind).glob("*.dlg"))]


@pytest.mark.parametrize("kind, path", found("smtp") + found("pop3"))
def test_goes_as_written(veredus, kind, path):
    reason = dialogs.in_memory_only(path)
    if reason:
        pytest.skip(reason)
    player = dialogs.Player(veredus, kind)
    player.known["size"] = str(100 << 20)
    veredus.run("alias", "set", "team@demo.test", "alice@demo.test", "bob@demo.test")
    player.play(path)
