// One newline.
