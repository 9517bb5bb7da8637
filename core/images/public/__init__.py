"""Known public sets of pictures, and the Web Gallery of Art."""
