"""The deployer: package, plan, apply and outputs, and destroy in reverse. It prints nothing."""
