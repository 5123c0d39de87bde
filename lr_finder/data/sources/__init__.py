"""Sources that are no table: arrays, folders of images, published datasets."""
