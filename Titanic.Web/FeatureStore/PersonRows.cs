using Microsoft.EntityFrameworkCore;
using Titanic.Web.Database;

namespace Titanic.Web.FeatureStore;

/// <summary>Reads which rows are the same person; see <see cref="PersonLinks"/>.</summary>
public sealed class PersonRows(TitanicDb db)
{
    /// <summary>Returns the other current rows of a person with their outcomes; the row that is counted comes first.</summary>
    public async Task<IReadOnlyList<PassengerAsOf>> Others(PassengerVersion row, CancellationToken cancellation)
    {
        var rows = await (
            from other in db.Passengers.AsNoTracking()
            where other.PersonId == row.PersonId && other.PersonKey == row.PersonKey && (other.PassengerId == row.PersonId || other.PersonId != other.PassengerId)
                && other.PassengerId != row.PassengerId && other.SupersededBy == null
            join outcome in db.Outcomes.Where(outcome => outcome.SupersededBy == null) on other.PassengerId equals outcome.PassengerId into outcomes
            from outcome in outcomes.DefaultIfEmpty()
            orderby other.PassengerId
            select new { Row = other, Outcome = outcome }).ToListAsync(cancellation);
        return [.. rows.OrderBy(other => other.Row.PassengerId != row.PersonId).Select(other => new PassengerAsOf(other.Row, other.Outcome))];
    }

    /// <summary>Counts the copies that a commit added, and returns the first of those that differ from the counted row of their person.</summary>
    /// <param name="commit">The id of the commit.</param>
    /// <param name="limit">The maximum number of conflicts to return.</param>
    /// <param name="cancellation">Cancels the queries.</param>
    public async Task<CommitCopies> OfCommit(long commit, int limit, CancellationToken cancellation)
    {
        var added = db.Passengers.AsNoTracking().Where(copy => copy.CommitId == commit && copy.PersonId != copy.PassengerId);
        var copies = await added.CountAsync(cancellation);
        if (copies == 0)
            return new CommitCopies(0, 0, []);
        var known = db.Outcomes.Where(outcome => outcome.SupersededBy == null);
        var conflicts =
            from copy in added
            join counted in db.Passengers on copy.PersonId equals counted.PassengerId
            where counted.SupersededBy == null && counted.PersonKey == copy.PersonKey
            join copyOutcome in known on copy.PassengerId equals copyOutcome.PassengerId into copyOutcomes
            from copyOutcome in copyOutcomes.DefaultIfEmpty()
            join countedOutcome in known on counted.PassengerId equals countedOutcome.PassengerId into countedOutcomes
            from countedOutcome in countedOutcomes.DefaultIfEmpty()
            where copy.Pclass != counted.Pclass
                || (copy.AgeInYears != null && counted.AgeInYears != null && copy.AgeInYears != counted.AgeInYears)
                || (copy.FareInPounds != null && counted.FareInPounds != null && copy.FareInPounds != counted.FareInPounds)
                || (copyOutcome != null && countedOutcome != null && copyOutcome.Survived != countedOutcome.Survived)
            orderby copy.PassengerId
            select new { copy, copyOutcome, counted, countedOutcome };
        var first = await conflicts.Take(limit).ToListAsync(cancellation);
        return new CommitCopies(
            copies, first.Count < limit ? first.Count : await conflicts.CountAsync(cancellation),
            [.. first.Select(pair => new PersonConflict(new PassengerAsOf(pair.copy, pair.copyOutcome), new PassengerAsOf(pair.counted, pair.countedOutcome)))]);
    }
}

/// <summary>The copies that a commit added: rows of persons who were stored before.</summary>
/// <param name="Rows">Number of copies.</param>
/// <param name="ConflictCount">Number of copies with a class, age, fare or outcome that differs from the counted row.</param>
/// <param name="Conflicts">The first of these copies, in the order of the passenger ids.</param>
public sealed record CommitCopies(int Rows, int ConflictCount, IReadOnlyList<PersonConflict> Conflicts);

/// <summary>A copy that differs from the row that is counted for the person.</summary>
/// <param name="Copy">The copy.</param>
/// <param name="Counted">The first row of the person, which training uses.</param>
public sealed record PersonConflict(PassengerAsOf Copy, PassengerAsOf Counted);
