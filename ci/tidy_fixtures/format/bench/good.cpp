int one_blank;
