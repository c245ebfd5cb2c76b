"""A k6 process that k6dash starts: what is typed for it, its files, its log, its plan, its exit code."""
