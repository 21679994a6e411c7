int  two_blanks;
