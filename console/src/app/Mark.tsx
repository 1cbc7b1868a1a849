/** The product's mark: a clock whose hour is not over yet. */
export function Mark() {
  return (
    <span className="mark">
      <svg viewBox="0 0 32 32" aria-hidden="true">
        <rect width="32" height="32" rx="9" />
        <path d="M16 7a9 9 0 1 0 9 9" />
        <path d="M16 11v5l3.5 3.5" />
      </svg>
      Seans
    </span>
  );
}
