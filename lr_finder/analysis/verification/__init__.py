"""What short trainings at several rates say of each other, and of the rate to take."""
