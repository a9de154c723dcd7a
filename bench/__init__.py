"""What the appliance costs, measured beside others."""
