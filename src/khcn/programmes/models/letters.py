"""Messages of programmes to the people who take part."""
