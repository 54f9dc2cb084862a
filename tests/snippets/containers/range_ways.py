# Ranges asked for items and members, near the limits of machine numbers too.
big = 2**63
for r in (range(10), range(0), range(3, 20, 4), range(20, 3, -4), range(5, 0, -1), range(-5, 5), range(big - 5, big), range(-big, -big + 3), range(0, big - 1, big // 3),
          range(0, -big, -big), range(big - 1, -big, -(big - 1)), range(2**48 - 2, 2**48 + 2), range(2**70, 2**70 + 5, 2), range(0, 2**70, 2**69), range(1, 0, -big)):
    row = [len(r) if r.stop < 2**62 and len(r[:1]) >= 0 and abs(r.step) < big else "?"]
    for index in (0, 1, -1, 3, -3, 10, -11, True, 2**48, -2**63, 2**64):
        try:
            row.append(r[index])
        except IndexError:
            row.append("-")
    for value in (0, 3, 4, 7, 15, 16, -5, 5, True, 7.0, 2**48, big - 1, big, -big, -big - 1, 2**70 + 2, "x"):
        row.append(value in r)
    print(r, row)
print(list(range(7))[-2:], range(7)[2:5], range(10) == range(0, 10, 1), range(0) == range(5, 2), list(reversed(range(4))), range(9).index(4), range(9).count(20), len(range(3, 9)), len(range(9, 3)))
