"""The rules and the words of evidence: values, algorithms, ports. Pure; knows no other room."""
