// A room without a README.
