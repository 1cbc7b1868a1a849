/** The console's one table: rows of cells on a wide screen, a card for each row on a phone. */
import { Fragment, type ReactNode } from 'react';

export interface Column<T> {
  id: string;
  title: string;
  /** Numbers stand at the end of their column. */
  isNumber?: boolean;
  cell: (row: T) => ReactNode;
}

export interface RowGroup {
  id: string;
  heading: ReactNode;
}

interface DataTableProps<T> {
  label: string;
  columns: Column<T>[];
  rows: T[];
  keyOf: (row: T) => string;
  /** Where given, a heading stands before the first row of each group. */
  groupOf?: ((row: T) => RowGroup) | undefined;
  /** Older rows stay while new ones are on their way. */
  isBusy?: boolean;
}

export function DataTable<T>({ label, columns, rows, keyOf, groupOf, isBusy = false }: DataTableProps<T>) {
  const groups = groupOf ? rows.map(groupOf) : [];
  return (
    <div className="table-frame" aria-busy={isBusy} tabIndex={0} role="region" aria-label={label}>
      <table className="table">
        <thead>
          <tr>
            {columns.map((column) => (
              <th key={column.id} scope="col" data-number={column.isNumber || undefined}>
                {column.title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, place) => {
            const group = groups[place];
            return (
              <Fragment key={keyOf(row)}>
                {group && group.id !== groups[place - 1]?.id && (
                  <tr className="table-group">
                    <th colSpan={columns.length} scope="rowgroup">
                      {group.heading}
                    </th>
                  </tr>
                )}
                <tr>
                  {columns.map((column) => (
                    <td key={column.id} data-title={column.title} data-number={column.isNumber || undefined}>
                      {column.cell(row)}
                    </td>
                  ))}
                </tr>
              </Fragment>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}
