"""Images → Your pictures: known public sets, with what each is and may be used for, to download."""

from __future__ import annotations

import streamlit as st

from core.base import demo
from core.base.filters import split_filters
from core.base.types import Progress
from core.images.galleries import Brought
from core.images.public import sets
from core.images.public.catalog import PUBLIC_SETS, PublicSet, Way
from core.images.public.wga_catalogue import KEPT, MAX_COUNT, Wanted
from core.storage import data_home
from core.ui.common import downloads
from core.ui.common.markdown import plain


def show() -> Brought | None:
    """The whole tool; the gallery once one has been fetched."""
    st.subheader("Public datasets", anchor=False)
    st.dataframe(
        {
            "dataset": [known.name for known in PUBLIC_SETS],
            "pictures": [known.pictures for known in PUBLIC_SETS],
            "classes": [f"{len(known.classes) or ''}" for known in PUBLIC_SETS],
            "state": [sets.state(known) for known in PUBLIC_SETS],
            "licence": [known.licence for known in PUBLIC_SETS],
            "what": [f"{known.title}. {known.about}" for known in PUBLIC_SETS],
            "check": [known.checked for known in PUBLIC_SETS],
        },
        hide_index=True,
        height="content",
        column_config={
            "pictures": st.column_config.NumberColumn(width="small", format="localized"),
            "classes": st.column_config.TextColumn(width="small"),
            "licence": st.column_config.TextColumn(width="medium"),
            "what": st.column_config.TextColumn(width="large"),
        },
        alt="Public datasets of pictures with their size, licence and state",
    )
    named = {known.name: known for known in PUBLIC_SETS}
    known = named[str(st.selectbox("Dataset", list(named), key="public-set"))]
    st.markdown(
        f"**{plain(known.title)}** · {plain(known.about)}  \n"
        f"Licence: {plain(known.licence)} [Its page]({known.page})  \n"
        f"Check: {plain(known.checked)}."
    )
    wanted = _choose_pictures() if known.way is Way.PICTURES else None
    if here := sets.galleries_of(known):
        names = ", ".join(plain(entry.name) for entry in here)
        more = "" if wanted is None else " Other wishes make a gallery of their own."
        st.info(f"It is here: choose **{names}** under “Gallery” above.{more}")
        if wanted is None:
            return None
    return _offer(known, wanted)


def _choose_pictures() -> Wanted:
    """How many pictures of the Web Gallery of Art, and of which rows of which catalogue."""
    places = st.columns((1, 2), vertical_alignment="bottom")
    count = places[0].number_input("Pictures at most", 1, MAX_COUNT, 500, key="public-count")
    where = places[1].text_input(
        "Only",
        key="public-where",
        placeholder="form=painting; school=Italian|Dutch",
        help=f"COLUMN=VALUE or COLUMN=A|B, joined by ; and all must hold. Columns: "
        f"{', '.join(KEPT)}. Which of the rest are taken is left to chance, but always the same.",
    )
    table = st.file_uploader(
        "A catalogue of your own, if you have one",
        type=["csv", "tsv", "zip"],
        max_upload_size=demo.megabytes(50),
        key="public-catalogue",
        help="A table with author, title and url or jpg_link, as the site offers for download. "
        "Without one the site's own is fetched.",
    )
    filters = tuple(split_filters(where))
    if table is None:
        return Wanted(int(count), filters)
    return Wanted(int(count), filters, table.getvalue(), table.name)


def _offer(known: PublicSet, wanted: Wanted | None) -> Brought | None:
    """The button, which says the size and is gone while the download goes on."""
    asked = () if wanted is None else (str(wanted.count), *wanted.filters, wanted.name)
    data = b"" if wanted is None else wanted.catalogue
    key = f"public {known.name} {data_home.digest_bytes(data, *(part.encode() for part in asked))}"
    told = f"{wanted.count:,} pictures" if wanted else sets.size(known)

    def work(progress: Progress) -> Brought:
        return sets.download(known, progress, wanted)

    made: Brought | None = downloads.offer_job(
        key, f"Download ({told})", f"Downloading {known.title}", work
    )
    return made
