/** `right`: figures; `wide-only`: left out on a phone; `meter-head`: over a figure with a bar. */
export type Column = readonly [name: string, kind?: 'right' | 'right wide-only' | 'meter-head'];

export const TableHead = ({ columns }: { columns: readonly Column[] }) => (
  <thead>
    <tr>
      {columns.map(([name, kind = '']) => (
        <th key={name} scope="col" className={kind}>
          {name}
        </th>
      ))}
    </tr>
  </thead>
);
