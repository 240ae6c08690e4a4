"""A small web service that stores texts with their embeddings and finds the nearest ones."""
