// Blanks at an end. 
	int tab;
int fine;

