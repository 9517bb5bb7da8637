"""Why a result: which part of a picture, which words, and whether other models agree."""
