"""What tokens cost: usage in disjoint buckets, dated prices, and the cost that follows from the two. No I/O."""
