// Would be found first.
