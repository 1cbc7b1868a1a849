/** Line icons on a grid of 20; they take the colour of the text and are never read aloud. */
const paths = {
  add: 'M10 4v12M4 10h12',
  calendar: 'M4 6.5h12v9.5H4zM4 9h12M7 4v3M13 4v3',
  check: 'M4.5 10.5l3.5 3.5 7.5-8',
  chevron: 'M6 8l4 4 4-4',
  close: 'M5 5l10 10M15 5L5 15',
  coins: 'M8 5.5c3 0 5 .9 5 2s-2 2-5 2-5-.9-5-2 2-2 5-2zM3 7.5V13c0 1.1 2 2 5 2M13 7.500V9.500M12.5 10.500c2.5 0 4.5.8 4.5 1.800s-2 1.8-4.5 1.800S8 13.3 8 12.300s2-1.8 4.5-1.800zM8 12.300v3c0 1 2 1.8 4.5 1.800s4.5-.8 4.5-1.800v-3',
  download: 'M10 4v8M6.5 9l3.5 3.500L13.5 9M4 16h12',
  edit: 'M4 16l.8-3.200L13 4.600l2.4 2.4-8.2 8.200zM11.5 6.100l2.4 2.4',
  eye: 'M2.5 10S5.5 5 10 5s7.5 5 7.5 5-3 5-7.5 5-7.5-5-7.5-5zM10 8a2 2 0 100 4 2 2 0 000-4',
  grip: 'M7.5 5v.01M12.5 5v.01M7.5 10v.01M12.5 10v.01M7.5 15v.01M12.5 15v.01',
  menu: 'M3 5.500h14M3 10h14M3 14.500h14',
  more: 'M10 4.500v.01M10 10v.01M10 15.500v.01',
  report: 'M4 16V4M4 16h12M7.5 13v-3M11 13V7M14.5 13V9',
  signOut: 'M11 4H5v12h6M9 10h8M14.5 7l3 3-3 3',
  trash: 'M4 6h12M8 6V4h4v2M6 6l.7 10h6.600L14 6',
  user: 'M10 4a3 3 0 100 6 3 3 0 000-6zM4 16.500c.6-3 3-4.5 6-4.500s5.4 1.5 6 4.5',
  warning: 'M10 3.500l7.5 13h-15zM10 8v4M10 14.300v.01',
} as const;

export type IconName = keyof typeof paths;

export function Icon({ name }: { name: IconName }) {
  const isDots = name === 'grip' || name === 'more';
  return (
    <svg className="icon" viewBox="0 0 20 20" aria-hidden="true" data-dots={isDots || undefined}>
      <path d={paths[name]} />
    </svg>
  );
}
