module pullproof/bench/go-loop

go 1.25
