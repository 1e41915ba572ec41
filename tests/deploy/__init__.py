"""What an installation is deployed with: image, containers, nginx, Kubernetes."""
