"""Scripts that put no blanks between words."""

from __future__ import annotations

# As a part of a regular expression's class. These and Hangul, whose words end in particles: Thai,
# Lao, Burmese, Khmer, kana, Chinese characters, Hangul.
UNBROKEN = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff\u3400-\u9fff"
    "\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff"
)
