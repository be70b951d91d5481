using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;
using Titanic.Web.Database;
using Titanic.Web.FeatureStore;
using Titanic.Web.Passengers;

namespace Titanic.Web.Pages.Features;

/// <summary>One validation report: the result of each expectation and, for operators, the rejected rows, which contain what their sender wrote.</summary>
public sealed class ValidationModel(TitanicDb db) : OperatorPageModel
{
    private const int RejectionsPerPage = 50;

    /// <summary>Page cursor: only rejected rows after this line.</summary>
    [BindProperty(SupportsGet = true)]
    public long After { get; set; }

    public ValidationReport Report { get; private set; } = null!;
    public long? CommitId { get; private set; }
    public IReadOnlyList<Rejection> Rejections { get; private set; } = [];
    public long? NextAfter { get; private set; }

    public async Task<IActionResult> OnGetAsync(long id, CancellationToken cancellationToken)
    {
        if (await db.ValidationReports.AsNoTracking().SingleOrDefaultAsync(report => report.ValidationId == id, cancellationToken) is not { } found)
            return ErrorModel.NotFound(HttpContext, NotFoundText.ValidationReport(id));
        Report = found;
        CommitId = await db.Commits.Where(commit => commit.ValidationId == id).Select(commit => (long?)commit.CommitId).SingleOrDefaultAsync(cancellationToken);
        if (!MayOperate)
            return Page();
        var rejections = await db.RejectedRows.AsNoTracking()
            .Where(row => row.ValidationId == id && row.Line > After)
            .OrderBy(row => row.Line)
            .Take(RejectionsPerPage + 1)
            .ToListAsync(cancellationToken);
        Rejections = [.. rejections.Take(RejectionsPerPage)];
        NextAfter = rejections.Count > RejectionsPerPage ? Rejections[^1].Line : null;
        return Page();
    }

    /// <summary>Streams all rejected rows as CSV from the database.</summary>
    public async Task<IActionResult> OnGetRejectedAsync(long id, CancellationToken cancellationToken)
    {
        if (!await db.ValidationReports.AnyAsync(report => report.ValidationId == id, cancellationToken))
            return ErrorModel.NotFound(HttpContext, NotFoundText.ValidationReport(id));
        if (!MayOperate)
            return Deny();
        Response.ContentType = "text/csv; charset=utf-8";
        Response.Headers.ContentDisposition = string.Create(CultureInfo.InvariantCulture, $"attachment; filename=\"rejected-{id}.csv\"");
        await using var csv = new StreamWriter(Response.Body, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), leaveOpen: true) { NewLine = "\n" };
        await csv.WriteLineAsync("line,rules,reasons,excerpt");
        var rows = db.RejectedRows.AsNoTracking().Where(row => row.ValidationId == id).OrderBy(row => row.Line).AsAsyncEnumerable();
        await foreach (var row in rows.WithCancellation(cancellationToken))
        {
            string[] fields = [string.Join(" ", row.Rules), string.Join(" ", row.Reasons), row.Excerpt];
            await csv.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{row.Line},{string.Join(',', fields.Select(CsvFormula.Escape))}"));
        }
        return new EmptyResult();
    }
}
