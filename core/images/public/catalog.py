"""Public sets of pictures that are known by name, as plain data. Nothing is imported or read here.

Sizes, digests and licences are those that the sources publish: the pages of the sets on the
Hugging Face hub, and the checksums of TensorFlow Datasets; sizes of the files of Fashion-MNIST are
as programs that fetch them state. They are only told: a download goes by what the hub states then.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Way(StrEnum):
    """How a set is fetched."""

    HUB = "hub"  # Parquet files of a dataset on a Hugging Face hub
    ARCHIVE = "archive"  # a packed archive of folders, one for each class
    PICTURES = "pictures"  # a catalogue, and each picture by itself


@dataclass(frozen=True, slots=True)
class PublicSet:
    """A public set of pictures.

    Attributes:
        about: one sentence for the person who chooses.
        pictures: how many there are.
        classes: their names in the order of their numbers, where it is for telling classes apart.
        labels: the column with the classes, or others that tell kinds apart.
        captions: the column with the captions; empty where there are none.
        licence: what may be done with it, as its source says; what follows “Licence:”.
        page: where the source says so.
        size: bytes to download, as published; those of a hub may change a little.
        checked: what the download is compared with, a phrase.
        source: the name of a dataset on the hub, or an address.
        files: a pattern for the files of the dataset.
        sha256: of an archive, as published.
    """

    name: str
    title: str
    about: str
    pictures: int
    classes: tuple[str, ...]
    labels: tuple[str, ...]
    licence: str
    page: str
    size: int
    checked: str
    way: Way
    source: str
    files: str = ""
    sha256: str = ""
    captions: str = ""


BY_HUB = "size and SHA-256, as the hub states them"
CIFAR = (
    "airplane",
    "automobile",
    "bird",
    "cat",
    "deer",
    "dog",
    "frog",
    "horse",
    "ship",
    "truck",
)
FASHION = (
    "T - shirt / top",
    "Trouser",
    "Pullover",
    "Dress",
    "Coat",
    "Sandal",
    "Shirt",
    "Sneaker",
    "Bag",
    "Ankle boot",
)
FLOWERS = ("daisy", "dandelion", "roses", "sunflowers", "tulips")
CIFAR_LICENCE = "none stated. Made for research; its author asks to cite Krizhevsky 2009."
CIFAR_PAGE = "https://www.cs.toronto.edu/~kriz/cifar.html"
FASHION_PAGE = "https://github.com/zalandoresearch/fashion-mnist"
WEB_GALLERY = "web-gallery-of-art"

PUBLIC_SETS = (
    PublicSet(
        "cifar10",
        "CIFAR-10, test part",
        "Photos of 32 × 32 pixels of animals and vehicles: the part that models are tested on.",
        10_000,
        CIFAR,
        ("label",),
        CIFAR_LICENCE,
        CIFAR_PAGE,
        23_940_850,
        BY_HUB,
        Way.HUB,
        "uoft-cs/cifar10",
        "plain_text/test-*.parquet",
    ),
    PublicSet(
        "cifar10-train",
        "CIFAR-10, training part",
        "The part that models are trained on.",
        50_000,
        CIFAR,
        ("label",),
        CIFAR_LICENCE,
        CIFAR_PAGE,
        119_705_255,
        BY_HUB,
        Way.HUB,
        "uoft-cs/cifar10",
        "plain_text/train-*.parquet",
    ),
    PublicSet(
        "fashion-mnist",
        "Fashion-MNIST, test part",
        "Clothes in grey, 28 × 28 pixels: the part that models are tested on.",
        10_000,
        FASHION,
        ("label",),
        "MIT, by Zalando.",
        FASHION_PAGE,
        5_175_617,
        BY_HUB,
        Way.HUB,
        "zalando-datasets/fashion_mnist",
        "fashion_mnist/test-*.parquet",
    ),
    PublicSet(
        "fashion-mnist-train",
        "Fashion-MNIST, training part",
        "The part that models are trained on.",
        60_000,
        FASHION,
        ("label",),
        "MIT, by Zalando.",
        FASHION_PAGE,
        30_931_277,
        BY_HUB,
        Way.HUB,
        "zalando-datasets/fashion_mnist",
        "fashion_mnist/train-*.parquet",
    ),
    PublicSet(
        "tf-flowers",
        "tf_flowers",
        "Photos of five kinds of flowers, as the tutorials of TensorFlow use them.",
        3_670,
        FLOWERS,
        ("folder",),
        "CC BY, each by its photographer; who made which is kept beside it in LICENSE.txt.",
        "https://www.tensorflow.org/datasets/catalog/tf_flowers",
        228_813_984,
        "size and SHA-256, as TensorFlow Datasets states them",
        Way.ARCHIVE,
        "https://storage.googleapis.com/download.tensorflow.org/example_images/flower_photos.tgz",
        sha256="4c54ace7911aaffe13a365c34f650e71dd5bf1be0a58b464e5a7183e3e595d9c",
    ),
    PublicSet(
        "fashion-products",
        "Fashion Product Images, small",
        "Products of a shop, 60 × 80 pixels, with title, category, type, colour, season and year.",
        44_072,
        (),
        ("masterCategory", "subCategory", "articleType", "baseColour", "season", "usage", "gender"),
        "none stated on the hub. Taken from a set on Kaggle; the rights in the photos are unclear.",
        "https://huggingface.co/datasets/ashraq/fashion-product-images-small",
        271_000_000,
        BY_HUB,
        Way.HUB,
        "ashraq/fashion-product-images-small",
        "data/train-*.parquet",
        captions="productDisplayName",
    ),
    PublicSet(
        WEB_GALLERY,
        "Web Gallery of Art",
        "European art up to 1900, with author, title, date, technique, school, type and period. As "
        "many pictures as you choose are fetched one by one, slowly, to spare the site.",
        48_600,
        (),
        ("type", "school", "timeframe", "form", "author"),
        "only for education and for yourself; the pictures may not be passed on.",
        "https://www.wga.hu",
        0,
        "none is published; the catalogue and each picture are opened",
        Way.PICTURES,
        "https://www.wga.hu",
        captions="title",
    ),
)


def find_set(name: str) -> PublicSet | None:
    """The public set of this name."""
    return next((known for known in PUBLIC_SETS if known.name == name), None)
