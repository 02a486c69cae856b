import { UnstyledButton } from '@mantine/core';
import { Table2 } from 'lucide-react';
import { useState } from 'react';
import { TableBox } from '../parts/table-box.tsx';

/** The figures of a chart as a table: for who reads rather than looks, and for copying. */
export const BehindChart = ({
  caption,
  head,
  rows,
}: {
  caption: string;
  head: readonly string[];
  rows: readonly (readonly string[])[];
}) => {
  const [isOpen, setOpen] = useState(false);
  return (
    <div style={{ marginTop: 8 }}>
      <UnstyledButton
        className="row small soft"
        aria-expanded={isOpen}
        onClick={() => setOpen(!isOpen)}
        style={{ gap: 6, minHeight: 24 }}
      >
        <Table2 size={14} aria-hidden /> {isOpen ? 'Hide the table' : 'Show as a table'}
      </UnstyledButton>
      {isOpen && (
        <TableBox style={{ maxHeight: 320, marginTop: 8 }} label={caption}>
          <table className="table">
            <caption className="unseen">{caption}</caption>
            <thead>
              <tr>
                {head.map((name, index) => (
                  <th key={name} scope="col" className={index === 0 ? '' : 'right'}>
                    {name}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {rows.map((row) => (
                <tr key={row.join('|')}>
                  {row.map((cell, index) => (
                    <td key={head[index]} className={index === 0 ? '' : 'right'}>
                      {cell}
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </TableBox>
      )}
    </div>
  );
};
