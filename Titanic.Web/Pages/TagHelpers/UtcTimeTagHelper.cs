using Microsoft.AspNetCore.Razor.TagHelpers;
using Titanic.Web.Passengers;

namespace Titanic.Web.Pages.TagHelpers;

/// <summary>
/// A time in UTC, for example <c>&lt;utc-time value="run.QueuedAt" /&gt;</c>. The server writes only UTC, so that the same data gives the
/// same page; the script <c>utc-time.js</c> adds the relative time ("3 min ago") and, as the title, the viewer's local time.
/// </summary>
[HtmlTargetElement("utc-time", TagStructure = TagStructure.WithoutEndTag)]
public sealed class UtcTimeTagHelper : TagHelper
{
    /// <summary>Null is written as <see cref="Format.Missing"/>.</summary>
    public DateTimeOffset? Value { get; set; }

    /// <summary>Whether the seconds are shown, for lists whose order matters. Default: false.</summary>
    public bool Seconds { get; set; }

    /// <summary>Whether the relative time is shown beside the time. Default: true.</summary>
    public bool Relative { get; set; } = true;

    /// <summary>Whether the viewer's local time is shown beside the time. Default: false, only as the title.</summary>
    public bool Local { get; set; }

    public override void Process(TagHelperContext context, TagHelperOutput output)
    {
        output.Content.SetContent(Format.UtcTime(Value, Seconds));
        output.TagMode = TagMode.StartTagAndEndTag;
        output.TagName = Value is null ? null : "time";
        if (Value is not { } time)
            return;
        output.Attributes.SetAttribute("class", "utc-time");
        output.Attributes.SetAttribute("datetime", IsoTimestamp.Format(time));
        if (Local)
            output.Attributes.SetAttribute("data-local", "true");
        if (Relative)
            output.Attributes.SetAttribute("data-relative", "true");
    }
}
