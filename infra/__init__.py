"""What packages, deploys and runs the app; nothing of it goes to Lambda."""
