"""The experiment on MNIST, one digit made rare."""
