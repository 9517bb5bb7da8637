"""What the lessons compute: their arithmetic, the predictions of learners, what is done."""
