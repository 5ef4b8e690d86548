"""Every way in which a data file can be wrong, made on purpose from a miniature MNIST; and the digit tasks."""

import gzip
import hashlib
import os

import numpy as np
import pytest

from stableminima.datasets import (
    FILES,
    MIRRORS,
    SHA256,
    BinaryTask,
    DatasetDamaged,
    DatasetUnavailable,
    bump_sample,
    clusters,
    digit_pair,
    disc,
    load_mnist,
    mnist_available,
    orthogonal_inputs,
    ring,
    uniform_ball,
)
from stableminima.datasets import mnist as datasets

IMAGES, LABELS = FILES["train"]
real_mnist = pytest.mark.skipif(
    not (mnist_available() and mnist_available("test")),
    reason="MNIST is not here: set STABLEMINIMA_DATA to a folder with its files",
)


def idx(array):
    header = bytes([0, 0, 8, array.ndim]) + b"".join(size.to_bytes(4, "big") for size in array.shape)
    return header + array.tobytes()


@pytest.fixture
def miniature(monkeypatch, tmp_path):
    """Contents of a small MNIST whose hashes are the known ones; an empty cache, no user folder, no network."""
    rng = np.random.default_rng(0)
    contents = {}
    for split, n in (("train", 600), ("test", 60)):
        images, labels = FILES[split]
        contents[images] = idx(rng.integers(0, 256, (n, 28, 28), dtype=np.uint8))
        contents[labels] = idx(np.arange(n, dtype=np.uint8) % 10)
    for name, content in contents.items():
        monkeypatch.setitem(SHA256, name, hashlib.sha256(content).hexdigest())
        monkeypatch.setitem(datasets.COMPRESSED, name, hashlib.sha256(gzip.compress(content, mtime=0)).hexdigest())
    monkeypatch.delenv("STABLEMINIMA_DATA", raising=False)
    monkeypatch.delenv("STABLEMINIMA_OFFLINE", raising=False)
    monkeypatch.setattr(datasets, "_cache", lambda: tmp_path / "cache")
    monkeypatch.setattr(datasets, "_fetch", no_network)
    datasets._parsed.cache_clear()
    yield contents
    datasets._parsed.cache_clear()


def no_network(url, path):
    raise OSError("no network")


def serve(contents, asked=None):
    def fetch(url, path):
        if asked is not None:
            asked.append(url)
        path.write_bytes(gzip.compress(contents[url.rsplit("/", 1)[1].removesuffix(".gz")], mtime=0))

    return fetch


def put(folder, contents, compress=False):
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in contents.items():
        (folder / (name + ".gz" * compress)).write_bytes(gzip.compress(content, 1) if compress else content)


@pytest.mark.parametrize("compress", [False, True])
@pytest.mark.parametrize("subfolder", ["", "mnist", "raw", "MNIST/raw"])
def test_files_are_found_where_the_user_says(miniature, tmp_path, monkeypatch, compress, subfolder):
    assert not mnist_available() and not mnist_available("test")
    put(tmp_path / "data" / subfolder, miniature, compress)
    monkeypatch.setenv("STABLEMINIMA_DATA", str(tmp_path / "data"))
    assert mnist_available() and mnist_available("test")
    images, labels = load_mnist("train")
    assert images.shape == (600, 28, 28) and images.dtype == np.uint8 and list(labels[:3]) == [0, 1, 2]
    assert images.tobytes() == miniature[IMAGES][16:]
    assert load_mnist("test")[0].shape == (60, 28, 28)
    with pytest.raises(ValueError, match="read-only"):
        images[0] = 0


@pytest.mark.parametrize("form", ["{dotted}", "{dotted}.gz", "{dotted}/{name}", "{name}/{name}"])
def test_files_are_found_under_the_names_that_people_have(miniature, tmp_path, monkeypatch, form):
    """Kaggle's archives, unpacked; quotes that a shell or an .env file left in the value."""
    for name, content in miniature.items():
        path = tmp_path / "data" / form.format(name=name, dotted=name.replace("-idx", ".idx"))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(gzip.compress(content) if path.suffix == ".gz" else content)
    monkeypatch.setenv("STABLEMINIMA_DATA", f'"{tmp_path / "data"}"')
    assert mnist_available() and load_mnist("train")[0].tobytes() == miniature[IMAGES][16:]


def test_the_training_split_is_enough(miniature, tmp_path, monkeypatch):
    put(tmp_path / "data", {name: miniature[name] for name in FILES["train"]})
    monkeypatch.setenv("STABLEMINIMA_DATA", str(tmp_path / "data"))
    assert mnist_available() and not mnist_available("test")


def test_mirrors_that_do_not_answer_are_asked_once(miniature, tmp_path, monkeypatch):
    asked = []
    monkeypatch.setattr(datasets, "_fetch", lambda url, path: asked.append(url) or no_network(url, path))
    for _ in range(3):
        with pytest.raises(DatasetUnavailable, match="no network"):
            load_mnist("train")
    assert len(asked) == len(MIRRORS)
    (tmp_path / "no-mirror-answered").unlink()  # as the message says
    monkeypatch.setattr(datasets, "_fetch", serve(miniature))
    assert load_mnist("train")[0].shape == (600, 28, 28)


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda content: gzip.compress(content)[:-40], "truncated or corrupted"),
        (
            lambda content: gzip.compress(content)[:200] + b"????" + gzip.compress(content)[204:],
            "truncated or corrupted",
        ),
        (lambda content: content[:-1], "it is truncated or altered"),
        (lambda content: content[:100] + bytes([content[100] ^ 1]) + content[101:], "it is truncated or altered"),
        (lambda content: b"\x00\x00\x08\x01" + content[4:], "starts with 2049, not the magic number 2051"),
        (lambda content: b"<html>not found</html>", "not the magic number 2051"),
        (lambda content: b"", "not the magic number 2051"),
    ],
    ids=["gz cut short", "gz corrupted", "cut short", "one bit flipped", "wrong magic", "a web page", "empty"],
)
def test_a_bad_file_of_the_user_is_named_and_kept(miniature, tmp_path, monkeypatch, damage, message):
    put(tmp_path / "data", miniature)
    bad = tmp_path / "data" / IMAGES
    bad.write_bytes(damage(miniature[IMAGES]))
    before = bad.read_bytes()
    monkeypatch.setenv("STABLEMINIMA_DATA", str(tmp_path / "data"))
    monkeypatch.setattr(datasets, "_fetch", serve(miniature))
    with pytest.raises(DatasetUnavailable, match=message) as caught:
        load_mnist("train")
    assert str(bad) in str(caught.value) and "delete or replace it" in str(caught.value)
    assert bad.read_bytes() == before


def test_an_unreadable_file_is_named(miniature, tmp_path, monkeypatch):
    put(tmp_path / "data", miniature)
    monkeypatch.setenv("STABLEMINIMA_DATA", str(tmp_path / "data"))
    monkeypatch.setattr(datasets.Path, "read_bytes", lambda self: (_ for _ in ()).throw(PermissionError("denied")))
    with pytest.raises(DatasetUnavailable, match=r"cannot be read .*denied"):
        load_mnist("train")


def test_missing_without_network(miniature, tmp_path, monkeypatch):
    with pytest.raises(DatasetUnavailable, match=r"could not be downloaded.*no network.*set STABLEMINIMA_DATA"):
        load_mnist("train")
    monkeypatch.setenv("STABLEMINIMA_DATA", str(tmp_path / "mistyped"))
    with pytest.raises(DatasetUnavailable, match=r"mistyped \(no such folder\)"):
        load_mnist("train")
    assert list((tmp_path / "cache").iterdir()) == []
    monkeypatch.setenv("STABLEMINIMA_OFFLINE", "1")
    with pytest.raises(DatasetUnavailable, match=r"STABLEMINIMA_OFFLINE forbids.*set STABLEMINIMA_DATA"):
        load_mnist("train")


def test_download_once_then_read_the_cache(miniature, tmp_path, monkeypatch):
    asked = []
    monkeypatch.setattr(datasets, "_fetch", serve(miniature, asked))
    assert len(load_mnist("train")[1]) == 600
    assert asked == [f"{MIRRORS[0]}{name}.gz" for name in FILES["train"]]
    datasets._parsed.cache_clear()
    monkeypatch.setattr(datasets, "_fetch", no_network)
    assert len(load_mnist("train")[1]) == 600
    assert sorted(p.name for p in (tmp_path / "cache").iterdir()) == sorted(f"{name}.gz" for name in FILES["train"])


def test_second_mirror_after_the_first_fails_or_lies(miniature, monkeypatch):
    def fetch(url, path):
        if url.startswith(MIRRORS[0]):
            path.write_bytes(gzip.compress(b"something else"))
        else:
            serve(miniature)(url, path)

    monkeypatch.setattr(datasets, "_fetch", fetch)
    assert len(load_mnist("train")[0]) == 600


@pytest.mark.parametrize("interruption", [OSError("connection lost"), KeyboardInterrupt()])
def test_an_interrupted_download_leaves_nothing_to_believe(miniature, tmp_path, monkeypatch, interruption):
    def fetch(url, path):
        path.write_bytes(gzip.compress(miniature[IMAGES])[:500])
        raise interruption

    monkeypatch.setattr(datasets, "_fetch", fetch)
    with pytest.raises((DatasetUnavailable, KeyboardInterrupt)):
        load_mnist("train")
    assert list((tmp_path / "cache").iterdir()) == [] and not mnist_available()


def test_a_corrupt_cache_is_replaced_but_not_before_the_new_file_is_good(miniature, tmp_path, monkeypatch):
    put(tmp_path / "cache", miniature, compress=True)
    bad = tmp_path / "cache" / f"{IMAGES}.gz"
    bad.write_bytes(b"half a file")
    with pytest.raises(DatasetUnavailable, match="could not be downloaded"):
        load_mnist("train")
    assert bad.read_bytes() == b"half a file"
    (tmp_path / "no-mirror-answered").unlink()
    monkeypatch.setattr(datasets, "_fetch", serve(miniature))
    assert len(load_mnist("train")[0]) == 600
    assert gzip.decompress(bad.read_bytes()) == miniature[IMAGES]


def test_an_unwritable_cache_says_so(miniature, tmp_path, monkeypatch):
    (tmp_path / "cache").write_text("a file where the folder should be")
    monkeypatch.setattr(datasets, "_fetch", serve(miniature))
    with pytest.raises(DatasetUnavailable, match=r"cannot be written.*XDG_CACHE_HOME.*STABLEMINIMA_DATA"):
        load_mnist("train")


def test_a_cache_that_cannot_be_replaced_is_not_blamed_on_the_mirrors(miniature, tmp_path, monkeypatch):
    asked = []
    (tmp_path / "cache" / f"{IMAGES}.gz").mkdir(parents=True)
    monkeypatch.setattr(datasets, "_fetch", serve(miniature, asked))
    with pytest.raises(DatasetUnavailable, match=r"cannot be written.*XDG_CACHE_HOME"):
        load_mnist("train")
    assert asked == [] and len(list((tmp_path / "cache").iterdir())) == 1


def test_a_folder_that_may_not_be_entered_holds_nothing(miniature, tmp_path, monkeypatch):
    stat = os.stat

    def denied(path, *args, **kwargs):
        if str(path).startswith(str(tmp_path / "cache")):
            raise PermissionError(13, "Permission denied", str(path))
        return stat(path, *args, **kwargs)

    monkeypatch.setattr(os, "stat", denied)
    assert not mnist_available()
    with pytest.raises(DatasetUnavailable, match="set STABLEMINIMA_DATA"):
        load_mnist("train")


def test_switches_and_home_are_read_as_in_a_shell(miniature, tmp_path, monkeypatch):
    put(tmp_path / "data", miniature)
    for home in ("HOME", "USERPROFILE"):
        monkeypatch.setenv(home, str(tmp_path))
    monkeypatch.setenv("STABLEMINIMA_DATA", "~/data")
    assert mnist_available()
    monkeypatch.delenv("STABLEMINIMA_DATA")
    monkeypatch.setenv("STABLEMINIMA_OFFLINE", "0")
    monkeypatch.setattr(datasets, "_fetch", serve(miniature))
    assert len(load_mnist("train")[1]) == 600


@pytest.mark.parametrize("split", ["validation", ["train"], None])
def test_an_unknown_split_is_refused(split):
    with pytest.raises(ValueError, match="split must be"):
        load_mnist(split)


@real_mnist
def test_the_real_files():
    images, labels = load_mnist("train")
    assert list(np.bincount(labels)) == [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]
    assert images.shape == (60_000, 28, 28) and images.max() == 255
    assert list(np.bincount(load_mnist("test")[1])) == [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]


@real_mnist
def test_the_protocol_of_the_paper_fits():
    task = digit_pair(3, 5, n_train=512, n_validation=8000)
    assert task.X.shape == (512, 784) and task.X_validation.shape == (8000, 784)
    assert task.y_validation.sum() == 0 and task.image_shape == (28, 28) and task.dataset == "mnist"


def test_digit_pair_is_balanced_disjoint_scaled_and_reproducible():
    task = digit_pair(3, 8, 100, 200, seed=1, dataset="digits")
    assert task.X.shape == (100, 64) and task.X_validation.shape == (200, 64) and task.digits == (3, 8)
    assert task.y.sum() == task.y_validation.sum() == 0 and set(task.y) == {-1.0, 1.0}
    assert task.X.min() == 0 and task.X.max() == 1 and task.X.dtype == np.float64
    assert 0 < abs(task.y[:50].sum()) < 40  # shuffled
    rows = {row.tobytes() for row in np.vstack([task.X, task.X_validation])}
    assert len(rows) == 300
    again, other = (digit_pair(3, 8, 100, 200, seed=s, dataset="digits") for s in (1, 2))
    assert np.array_equal(task.X, again.X) and not np.array_equal(task.X, other.X)


def test_digit_pair_labels_are_those_of_the_images():
    images, labels = datasets.load_small_digits()
    label_of = {(image / 16).tobytes(): label for image, label in zip(images.reshape(-1, 64), labels, strict=True)}
    task = digit_pair(9, 4, 60, 20, dataset="digits")
    for X, y in ((task.X, task.y), (task.X_validation, task.y_validation)):
        assert [label_of[x.tobytes()] for x in X] == [9 if label < 0 else 4 for label in y]


def test_auto_falls_back_to_the_small_digits(miniature):
    task = digit_pair(3, 5, 100, 8000, dataset="auto")
    assert task.dataset == "digits" and task.X.shape == (100, 64) and 200 < len(task.y_validation) < 300
    with pytest.raises(DatasetUnavailable):
        digit_pair(3, 5, 100)
    smaller = digit_pair(3, 5, 512, 8000, dataset="auto")
    assert len(smaller.y) == 242 and len(smaller.y_validation) == 122  # two thirds and the rest of 182 a class


def test_auto_does_not_pass_over_a_bad_file_of_the_user(miniature, tmp_path, monkeypatch):
    put(tmp_path / "data", dict.fromkeys(miniature, b"junk"))
    monkeypatch.setenv("STABLEMINIMA_DATA", str(tmp_path / "data"))
    with pytest.raises(DatasetDamaged, match="magic number"):
        digit_pair(3, 5, 100, dataset="auto")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((10, 3, 10), "first must be a digit 0…9, got 10"),
        ((3, 3, 10), "different digits, got 3 twice"),
        ((3, 5, 11), "n_train must be an even integer.*got 11"),
        ((3, 5, 0), "n_train"),
        ((3, 5, 10, -2), "n_validation"),
        ((3, 5, 10.5), "n_train must be"),
        ((3, 5, 10.0), "n_train must be"),
        ((3, 5, float("nan")), "n_train must be"),
        ((3, 5, None), "n_train must be"),
        ((True, 5, 10), "first must be"),
        ((3, 5, 300, 200), r"asks for 250 a class, but digits has 183 of digit 3 and 182 of digit 5"),
    ],
)
def test_bad_requests_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        digit_pair(*arguments, dataset="digits")
    with pytest.raises(ValueError, match="dataset must be"):
        digit_pair(3, 5, 10, dataset="cifar")


def test_synthetic_inputs_have_their_law():
    X = uniform_ball(20_000, 3, radius=2.0, seed=1)
    radius = np.linalg.norm(X, axis=1)
    assert radius.max() <= 2 and abs((radius < 1).mean() - 1 / 8) < 0.01 and np.abs(X.mean(axis=0)).max() < 0.03
    assert abs(np.linalg.norm(ring(5000, 3.0, 0.1), axis=1).mean() - 3) < 0.02
    centers = np.array([[0.0, 5.0], [5.0, 0.0]])
    assert np.abs(clusters(1000, centers, 0.3)[::2].mean(axis=0) - centers[0]).max() < 0.1
    assert np.array_equal(ring(5), ring(5))


def test_a_disc_is_a_ball_in_the_plane_and_draws_what_records_have_drawn():
    X = disc(20_000, 2.0, seed=1)
    assert abs((np.linalg.norm(X, axis=1) < 1).mean() - 1 / 4) < 0.01 and np.abs(X.mean(axis=0)).max() < 0.03
    rng = np.random.default_rng(7)
    r, angle = 2.0 * np.sqrt(rng.random(50)), 2 * np.pi * rng.random(50)
    assert np.array_equal(disc(50, 2.0, seed=7), np.column_stack([r * np.cos(angle), r * np.sin(angle)]))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: uniform_ball(0, 2), "n must be at least 1"),
        (lambda: uniform_ball(3, 0), "dim must be at least 1"),
        (lambda: uniform_ball(3, 2, -1.0), "radius must be positive"),
        (lambda: disc(2.5), "n must be at least 1 and whole"),
        (lambda: ring(3, noise=-1.0), "noise must be positive"),
        (lambda: ring(3, np.nan), "radius must be positive"),
        (lambda: clusters(3, [[np.nan, 0.0]]), "centers contains 1 NaN"),
        (lambda: clusters(3, [[0.0]], "wide"), "deviation must be positive"),
        (lambda: orthogonal_inputs(3, 4, [1.0, 2.0]), r"lengths must be one number or 3 of them, got shape \(2,\)"),
        (lambda: bump_sample(2, 3, seed=-1), "seed must be a whole number"),
    ],
)
def test_bad_synthetic_data_are_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_the_cache_is_a_folder_of_the_user():
    assert datasets._cache().is_absolute() and os.sep in str(datasets._cache())


def test_a_file_that_changes_or_vanishes_is_noticed(miniature, tmp_path, monkeypatch):
    put(tmp_path / "data", miniature)
    monkeypatch.setenv("STABLEMINIMA_DATA", str(tmp_path / "data"))
    assert load_mnist("train")[0] is load_mnist("train")[0]
    (tmp_path / "data" / IMAGES).write_bytes(miniature[IMAGES][:-1])
    with pytest.raises(DatasetDamaged, match="truncated or altered"):
        load_mnist("train")
    (tmp_path / "data" / IMAGES).unlink()
    with pytest.raises(DatasetUnavailable, match="could not be downloaded"):
        load_mnist("train")


def test_tasks_are_compared_by_identity_and_can_be_made_by_hand():
    X, y = np.ones((2, 3)), np.ones(2)
    assert BinaryTask(X, y, X, y) != BinaryTask(X, y, X, y)
