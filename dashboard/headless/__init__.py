"""The front end without a screen: for pipes, logs and CI. stdout is data, stderr is talk."""
